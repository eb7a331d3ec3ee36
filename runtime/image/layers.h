/* layers: the folders of unpacked layers, data/layers/sha256-HEX/{diff,size}. */
#ifndef CORDON_IMAGE_LAYERS_H
#define CORDON_IMAGE_LAYERS_H

#include <stdint.h>

/* The unpacked size stands beside diff/, in decimal. folder: of a layer, below `layers`. -1 where
 * it cannot be read: then the layer is not whole. */
int layers_read_size(uint64_t *ret, int layers, const char *folder)
        __attribute__((warn_unused_result));

#endif
