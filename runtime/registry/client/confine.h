/*
 * confine: the registry client's walls, raised before it speaks to anybody.
 *
 *	files		nothing but the names of hosts and the certificates of authorities, for
 *			reading (Landlock); no new program, no descriptor but those it was born with
 *	calls		profiles/cordon-registry.json (seccomp): sockets of the internet, no other
 *	privileges	none: no_new_privs, no capability
 *	resources	memory, descriptors, the size of what it writes
 *
 * Names are resolved by "files" and "dns" alone, whatever nsswitch.conf says: other services are
 * libraries that would have to be loaded, or sockets of the machine.
 */
#ifndef CORDON_REGISTRY_CLIENT_CONFINE_H
#define CORDON_REGISTRY_CLIENT_CONFINE_H

#include "runtime/registry/protocol.h"

int confine(const struct registry_setup *setup, struct error *err)
        __attribute__((warn_unused_result));

#endif
