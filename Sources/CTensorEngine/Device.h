// Where tensors are made and computed on.
#pragma once

#include <c10/core/Device.h>

namespace pf {

// The CPU, until `pf_use_cuda` chose otherwise.
c10::Device device();

}  // namespace pf
