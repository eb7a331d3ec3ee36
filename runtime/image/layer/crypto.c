/*
 * crypto: the door to libcrypto: digests (digest.h) and signatures (signature.h). Its configuration
 * file is not read: no provider, engine or policy of the machine has a say in what a SHA-256 is.
 */
#include "runtime/image/layer/digest.h"
#include "runtime/image/layer/signature.h"

#include <openssl/crypto.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
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

/* ---- signatures ---- */

static EVP_PKEY *read_key(const struct signature *signature, struct error *err)
{
	BIO *bio = BIO_new_mem_buf(signature->key, (int)signature->key_length);
	EVP_PKEY *key;

	require(bio != NULL);
	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (key == NULL)
		error_set(err, 0, "the key is not a public key in PEM");
	return key;
}

/* Curves and sizes below these are not what anybody signs images with. */
static bool is_strong(const EVP_PKEY *key, bool *hashed)
{
	*hashed = EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519;
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_EC:
		return EVP_PKEY_get_bits(key) >= 256;
	case EVP_PKEY_RSA:
		return EVP_PKEY_get_bits(key) >= 2048;
	case EVP_PKEY_ED25519:
		return true;
	default:
		return false;
	}
}

int signature_verify(const struct signature *signature, struct error *err)
{
	EVP_PKEY *key = read_key(signature, err);
	EVP_MD_CTX *context;
	bool hashed, good;

	if (key == NULL)
		return -1;
	if (!is_strong(key, &hashed)) {
		EVP_PKEY_free(key);
		return error_set(err, 0, "the key is none of ECDSA, Ed25519 and RSA, or too short");
	}
	context = EVP_MD_CTX_new();
	require(context != NULL);
	good = EVP_DigestVerifyInit(context, NULL, hashed ? EVP_sha256() : NULL, NULL, key) == 1 &&
	       EVP_DigestVerify(context, signature->signature, signature->signature_length,
	                        signature->payload, signature->payload_length) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return good ? 0 : error_set(err, 0, "the signature is not of this key");
}
