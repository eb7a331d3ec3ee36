/*
 * Digests and signatures: known answers, and that nothing else than what was signed with that key
 * is taken. The keys were made for this test by openssl, and thrown away.
 */
#include "runtime/image/layer/digest.h"
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/signature.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char payload[] = "what is signed";

static const unsigned char ec_signature[] = {
	0x30, 0x45, 0x02, 0x21, 0x00, 0xe5, 0x33, 0xbd, 0x09, 0x65, 0x58, 0xcc, 0x40, 0xd5, 0xf7,
	0xb1, 0xc7, 0xcf, 0x90, 0xdf, 0x5b, 0xc8, 0xdb, 0x3a, 0xe0, 0xf4, 0x5c, 0xde, 0xb0, 0xb5,
	0xa3, 0x97, 0x3a, 0x83, 0xa4, 0x1c, 0x59, 0x02, 0x20, 0x1c, 0x2e, 0xda, 0x53, 0x42, 0xd7,
	0x99, 0xac, 0xdd, 0x03, 0xa0, 0xc7, 0x20, 0x8f, 0x61, 0x11, 0x26, 0x74, 0xe5, 0xf0, 0xdc,
	0x1c, 0x74, 0xef, 0xed, 0xae, 0xa4, 0x5d, 0x62, 0xc9, 0xe2, 0xe0,
};
static const unsigned char rsa_signature[] = {
	0x0e, 0x2e, 0x17, 0x82, 0xb5, 0x55, 0xf9, 0x63, 0xae, 0xa0, 0xa2, 0x1a, 0x29, 0x4d, 0xbe,
	0x93, 0x3c, 0x6c, 0x07, 0x2d, 0x72, 0x4c, 0x8d, 0x5d, 0xa1, 0x76, 0x34, 0xbc, 0x87, 0xa3,
	0x2b, 0x13, 0xc8, 0x71, 0x4e, 0xf3, 0xeb, 0x53, 0xc9, 0xa1, 0xfe, 0xc5, 0xff, 0x4b, 0x8a,
	0x61, 0x31, 0xec, 0x25, 0x4a, 0xe1, 0x6f, 0x69, 0xd6, 0xe3, 0xc6, 0xd5, 0xa1, 0x56, 0xe1,
	0xe4, 0xf7, 0xd8, 0x13, 0x48, 0x45, 0xf8, 0x6e, 0xac, 0x81, 0x71, 0xcc, 0xc7, 0xc0, 0x23,
	0x81, 0x44, 0xfe, 0x6d, 0x3b, 0x1e, 0x21, 0xc8, 0x0f, 0x3e, 0xee, 0x94, 0xdc, 0x34, 0xf7,
	0xe2, 0xda, 0x0b, 0x22, 0x83, 0xbf, 0x94, 0x36, 0x70, 0xa5, 0x09, 0xc1, 0x7f, 0x05, 0x81,
	0x99, 0x16, 0x13, 0x32, 0xe2, 0x5c, 0x0f, 0x58, 0xe5, 0x3d, 0xf6, 0x4e, 0x6e, 0x1d, 0x11,
	0x76, 0x1f, 0xba, 0xc5, 0x94, 0x36, 0x99, 0xad, 0x9c, 0x17, 0x3a, 0xec, 0x3d, 0x97, 0x1b,
	0xc5, 0xa1, 0x60, 0xc2, 0x52, 0x17, 0xa9, 0xf2, 0x7f, 0x6c, 0x72, 0x77, 0x56, 0x39, 0x00,
	0xd8, 0x80, 0xb5, 0xed, 0x3b, 0x75, 0xbf, 0xa6, 0xec, 0x46, 0x17, 0x93, 0x02, 0x8d, 0x74,
	0x59, 0xf7, 0x26, 0xe6, 0x50, 0x19, 0x52, 0xe4, 0x72, 0x75, 0x6a, 0x04, 0xb8, 0x4f, 0x92,
	0xbb, 0x49, 0xa7, 0x0a, 0x58, 0xda, 0x68, 0x2d, 0x5f, 0x74, 0x01, 0xb8, 0xf2, 0x03, 0x26,
	0xb2, 0x86, 0xa5, 0xda, 0x6b, 0x70, 0xc1, 0xd6, 0x33, 0x00, 0xcb, 0x99, 0x73, 0x3e, 0x8e,
	0x5d, 0xe9, 0xa6, 0xac, 0x25, 0x1d, 0xb3, 0xa3, 0x60, 0x3f, 0x2b, 0xf7, 0x18, 0x38, 0xa8,
	0xff, 0x64, 0xf2, 0x3a, 0x84, 0x59, 0x26, 0xc8, 0xc7, 0x55, 0x88, 0xae, 0xc4, 0x32, 0xe4,
	0x02, 0x7c, 0xae, 0xf9, 0x3c, 0x51, 0xa5, 0x34, 0xd5, 0x48, 0x39, 0xbf, 0xc7, 0xbd, 0x9d,
	0xdb,
};
static const unsigned char ed_signature[] = {
	0x63, 0xf4, 0x7e, 0xe9, 0xe6, 0x9d, 0x2c, 0x17, 0x17, 0x89, 0x89, 0x6f, 0xc8,
	0x5c, 0xea, 0x45, 0xd1, 0x5a, 0x20, 0x41, 0xc1, 0x5a, 0xd2, 0x7e, 0xb4, 0x4f,
	0xe3, 0x59, 0x0c, 0x47, 0xbe, 0x01, 0xbf, 0x77, 0xcc, 0xf2, 0x4d, 0x7b, 0x00,
	0xd2, 0xeb, 0x80, 0x0b, 0x21, 0x71, 0xaf, 0x44, 0x56, 0xa0, 0x49, 0x4b, 0x4d,
	0xbf, 0xb1, 0x1c, 0xed, 0xc3, 0x09, 0x03, 0xd9, 0xfd, 0x4a, 0x8d, 0x09,
};
static const char ec_key[] = "-----BEGIN PUBLIC KEY-----\n"
                             "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMAok2JbRDdIEXN6sRHpU26sm5O4G\n"
                             "Q8IEiGyVGOjtppSxN69majZhf/LuZ+9tLYPPdtW3uviehs1mGOl79myprA==\n"
                             "-----END PUBLIC KEY-----\n";
static const char rsa_key[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAw91SMO2qtk+Y95q3mElT\n"
                              "upW3obBAYnHOC+DFLpUpbG3WHVpPZS+30SeLeu68hveRfVCeSstW4XBiQzNceqgV\n"
                              "HmQC33l9B2jECLclbEWu3vXMKlssLfr+HeQ0ZWaF+d+yNR8j79LsCfqT0Ulje6LM\n"
                              "msoOKsqOAjcFzu4GRVqifX/c6n9H+7mu5bXClD4LymzUVZqGCyzIfo1aihDVQ9UK\n"
                              "PDQtN7PBbw8fHCGi/d3ImZWp0SqQNDTuTeTcQv5nyX+Gf/CTIe6Z3W8UhAQvhALc\n"
                              "O4tbdFa0NYdlkFvSCDwcCiPYpJiUBpSlJQCEEctHspuH1Z1oRZ1Bis/xUkxpG8ne\n"
                              "CwIDAQAB\n"
                              "-----END PUBLIC KEY-----\n";
static const char ed_key[] = "-----BEGIN PUBLIC KEY-----\n"
                             "MCowBQYDK2VwAyEAH2Rr4SjTMMzErPezmcPw3ATi+pSSs6R784DDy6DulfE=\n"
                             "-----END PUBLIC KEY-----\n";
static const char rsa1_key[] = "-----BEGIN PUBLIC KEY-----\n"
                               "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDN3xh7Xx/4SlSMbGhrQDfEDSUo\n"
                               "/gRLMOz3gqlnryXKmNz70Kah4gxdU3mWZueBQYec9LwBZLwiUZAvGQdJiIGT7+S7\n"
                               "PvD/Z8usCs4JqdmzITTGPSdiTSV07NnyFn564H+zJGupKa/SdglSNdtdPVsilM6k\n"
                               "+wKXmGJ/BsqNXUDE6QIDAQAB\n"
                               "-----END PUBLIC KEY-----\n";
static const char ec1_key[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MEkwEwYHKoZIzj0CAQYIKoZIzj0DAQEDMgAEfTqkve43XJ91KuLMuhyvXsW8WWX+\n"
                              "Ity6pu79x8mwEUcHjMRTXCJ+GAbIQbSoWPcN\n"
                              "-----END PUBLIC KEY-----\n";
static const char x_key[] = "-----BEGIN PUBLIC KEY-----\n"
                            "MEIwBQYDK2VvAzkA0gbQFj8icQZoWIMEwtPTkCUyILhoOHyknhLQa5+DQe0LaW/w\n"
                            "qL18MsUhsAmzG6TxCu9U5654Wrc=\n"
                            "-----END PUBLIC KEY-----\n";

static const struct {
	const char *key;
	const unsigned char *signature;
	size_t length;
} rows[] = {
	{ ec_key, ec_signature, sizeof ec_signature },
	{ rsa_key, rsa_signature, sizeof rsa_signature },
	{ ed_key, ed_signature, sizeof ed_signature },
};

static int verify(const char *key, const void *signature, size_t length, const char *text,
                  struct error *err)
{
	return signature_verify(&(struct signature){ .key = key,
	                                             .key_length = strlen(key),
	                                             .signature = signature,
	                                             .signature_length = length,
	                                             .payload = (const unsigned char *)text,
	                                             .payload_length = strlen(text) },
	                        err);
}

static void test_taken_and_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned char changed[512];
		struct error err = {};

		assert_int_equal(verify(rows[i].key, rows[i].signature, rows[i].length, payload,
		                        &err),
		                 0);
		assert_int_equal(verify(rows[i].key, rows[i].signature, rows[i].length,
		                        "what is Signed", &err),
		                 -1);
		assert_string_equal(err.text, "the signature is not of this key");
		assert_int_equal(verify(rows[i].key, rows[i].signature, rows[i].length, "", &err),
		                 -1);
		for (size_t j = 0; j < ARRAY_SIZE(rows); j++)
			assert_int_equal(verify(rows[j].key, rows[i].signature, rows[i].length,
			                        payload, &err),
			                 i == j ? 0 : -1);
		/* every bit and every length of it counts */
		for (size_t bit = 0; bit < rows[i].length * 8; bit += 3) {
			memcpy(changed, rows[i].signature, rows[i].length);
			changed[bit / 8] = (unsigned char)(changed[bit / 8] ^ 1 << bit % 8);
			assert_int_equal(verify(rows[i].key, changed, rows[i].length, payload,
			                        &err),
			                 -1);
		}
		for (size_t length = 0; length < rows[i].length; length++)
			assert_int_equal(verify(rows[i].key, rows[i].signature, length, payload,
			                        &err),
			                 -1);
	}
}

static void test_keys(void **state)
{
	static const struct {
		const char *key, *error;
	} wrong[] = {
		{ "", "the key is not a public key in PEM" },
		{ "no key", "the key is not a public key in PEM" },
		{ "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		  "the key is not a public key in PEM" },
		{ rsa1_key, "the key is none of ECDSA, Ed25519 and RSA, or too short" },
		{ ec1_key, "the key is none of ECDSA, Ed25519 and RSA, or too short" },
		{ x_key, "the key is none of ECDSA, Ed25519 and RSA, or too short" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct error err = {};

		assert_int_equal(verify(wrong[i].key, ec_signature, sizeof ec_signature, payload,
		                        &err),
		                 -1);
		assert_string_equal(err.text, wrong[i].error);
	}
}

static void test_digests(void **state)
{
	struct digest *digest = digest_new();
	char hex[LAYER_HEX + 1];

	(void)state;
	digest_finish(hex, digest);
	assert_string_equal(hex,
	                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_update(digest, "a", 1);
	digest_update(digest, "", 0);
	digest_update(digest, "bc", 2);
	digest_finish(hex, digest);
	assert_string_equal(hex,
	                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	for (int i = 0; i < 1000000; i++)
		digest_update(digest, "a", 1);
	digest_finish(hex, digest);
	assert_string_equal(hex,
	                    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	digest_free(digest);
	digest_free(NULL);
}

/* The helper's input: lengths, then the three behind one another; nothing more and nothing less. */
static int run(const struct layer_signature *lengths, size_t extra, struct error *err)
{
	_cleanup_fd int input = memfd_create("input", MFD_CLOEXEC), kept = dup(LAYER_FD_INPUT);
	struct layer_answer answer;
	struct layer_request request = { .limit = 1 << 20 };
	int result;

	assert_int_equal(write(input, lengths, sizeof *lengths), sizeof *lengths);
	assert_int_equal(write(input, ec_key, strlen(ec_key)), strlen(ec_key));
	assert_int_equal(write(input, ec_signature, sizeof ec_signature), sizeof ec_signature);
	assert_int_equal(write(input, payload, strlen(payload)), strlen(payload));
	assert_int_equal(write(input, "xxxxxxxx", extra), extra);
	lseek(input, 0, SEEK_SET);
	dup2(input, LAYER_FD_INPUT);
	result = verify_run(&answer, &request, err);
	dup2(kept, LAYER_FD_INPUT);
	return result;
}

static void test_input(void **state)
{
	const struct layer_signature good = { (uint32_t)strlen(ec_key), sizeof ec_signature,
		                              (uint32_t)strlen(payload) };
	struct layer_signature lengths = good;
	struct error err = {};

	(void)state;
	assert_int_equal(run(&lengths, 0, &err), 0);
	assert_int_equal(run(&lengths, 1, &err), -1);
	assert_string_equal(err.text, "the engine and its helper are of different builds");
	/* a sum that is right only where it runs over */
	lengths =
	        (struct layer_signature){ UINT32_MAX, good.signature, good.payload + good.key + 1 };
	assert_int_equal(run(&lengths, 0, &err), -1);
	assert_string_equal(err.text, "the engine and its helper are of different builds");
	lengths = (struct layer_signature){ good.key - 1, good.signature + 1, good.payload };
	assert_int_equal(run(&lengths, 0, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken_and_refused),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
