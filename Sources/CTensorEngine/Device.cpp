#include "Device.h"

#include "CTensorEngine.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>

#include <atomic>
#include <cstring>

namespace {

std::atomic<bool> uses_cuda{false};

int refused(int status, const char *reason, char **message) {
  *message = strdup(reason);
  return status;
}

}  // namespace

c10::Device pf::device() {
  return uses_cuda.load(std::memory_order_relaxed) ? c10::Device(c10::kCUDA, 0)
                                                   : c10::Device(c10::kCPU);
}

int pf_use_cuda(char **message) {
  *message = nullptr;
  // Its constructors register the kernels and the hooks that are asked for below: never closed.
  if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    const char *reason = dlerror();
    return refused(1, reason == nullptr ? "unknown" : reason, message);
  }
  try {
    auto &context = at::globalContext();
    if (!context.hasCUDA() || at::detail::getCUDAHooks().deviceCount() == 0) {
      return refused(2, "the driver names no device", message);
    }
    context.lazyInitDevice(c10::kCUDA);
    // Full single precision, as on a CPU, and the same numbers in every run.
    context.setAllowTF32CuBLAS(false);
    context.setAllowTF32CuDNN(false);
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(false);
  } catch (const c10::Error &error) {
    return refused(2, error.what_without_backtrace(), message);
  } catch (const std::exception &error) {
    return refused(2, error.what(), message);
  }
  uses_cuda = true;
  return 0;
}
