/*
 * build: the program's own notes, found through its ELF header as it lies in memory. __ehdr_start
 * is the linker's (ld, gold and lld define it where the header is loaded).
 */
#include "runtime/profile/build.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

extern const ElfW(Ehdr) __ehdr_start __attribute__((weak, visibility("hidden")));

static const unsigned char *find_in_notes(const unsigned char *next, size_t size, size_t *length)
{
	ElfW(Nhdr) note;

	while (size >= sizeof note) {
		size_t name, whole;

		memcpy(&note, next, sizeof note);
		name = (note.n_namesz + 3u) & ~3u;
		whole = sizeof note + name + ((note.n_descsz + 3u) & ~3u);
		if (whole > size)
			return NULL;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof ELF_NOTE_GNU &&
		    memcmp(next + sizeof note, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0) {
			*length = note.n_descsz;
			return next + sizeof note + name;
		}
		next += whole;
		size -= whole;
	}
	return NULL;
}

/* What lies behind the header is no part of that object, as the sanitizer rightly notes. */
__attribute__((no_sanitize("object-size"))) const unsigned char *build_id(size_t *length)
{
	const ElfW(Ehdr) *header = &__ehdr_start;
	const unsigned char *base = (const unsigned char *)header;
	const ElfW(Phdr) * segments;
	uintptr_t bias = (uintptr_t)base;

	if (header == NULL)
		return NULL;
	segments = (const void *)(base + header->e_phoff);
	for (size_t i = 0; i < header->e_phnum; i++) {
		if (segments[i].p_type == PT_LOAD && segments[i].p_offset == 0)
			bias -= segments[i].p_vaddr;
	}
	for (size_t i = 0; i < header->e_phnum; i++) {
		const unsigned char *notes = (const unsigned char *)(bias + segments[i].p_vaddr);
		const unsigned char *found = NULL;

		if (segments[i].p_type == PT_NOTE)
			found = find_in_notes(notes, segments[i].p_filesz, length);
		if (found != NULL)
			return found;
	}
	return NULL;
}
