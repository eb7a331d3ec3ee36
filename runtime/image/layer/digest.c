/*
 * digest: the door to libcrypto. Its configuration file is not read: no provider, engine or policy
 * of the machine has a say in what a SHA-256 is.
 */
#include "runtime/image/layer/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct digest {
	EVP_MD_CTX *context;
};

static void require(int success)
{
	if (!success)
		abort();
}

struct digest *digest_new(void)
{
	struct digest *digest = calloc(1, sizeof *digest);

	require(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL));
	require(digest != NULL);
	digest->context = EVP_MD_CTX_new();
	require(digest->context != NULL);
	require(EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL));
	return digest;
}

void digest_free(struct digest *digest)
{
	if (digest == NULL)
		return;
	EVP_MD_CTX_free(digest->context);
	free(digest);
}

void digest_update(struct digest *digest, const void *bytes, size_t length)
{
	require(EVP_DigestUpdate(digest->context, bytes, length));
}

void digest_finish(char ret[LAYER_HEX + 1], struct digest *digest)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[LAYER_HEX / 2];

	require(EVP_DigestFinal_ex(digest->context, bytes, NULL));
	require(EVP_DigestInit_ex(digest->context, NULL, NULL));
	for (size_t i = 0; i < sizeof bytes; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[LAYER_HEX] = '\0';
}
