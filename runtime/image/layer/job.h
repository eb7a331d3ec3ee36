/*
 * job: the things the helper does, one a mode. Each reads LAYER_FD_INPUT to its end and fills the
 * answer;
 * confinement (confine.h) is in force before the first byte is read.
 */
#ifndef CORDON_IMAGE_LAYER_JOB_H
#define CORDON_IMAGE_LAYER_JOB_H

#include "runtime/image/layer/protocol.h"

int blob_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));
int spool_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));
int verify_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));
int unpack_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));
int hash_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));
int pack_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));
int changes_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));
int fetch_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));
int place_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));
int save_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
        __attribute__((warn_unused_result));

#endif
