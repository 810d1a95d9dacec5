#include "CTensorEngine.h"
#include "Device.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>
#include <torch/version.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

// Any header of glibc's defines it.
#ifdef __GLIBC__
#include <malloc.h>
#endif

struct pf_tensor {
  at::Tensor value;
  // Whether `value` lies in somebody's mapping at an address that its type does not allow. Kernels may
  // not read it there: whoever uses it works on a copy that is gone afterwards.
  bool is_misaligned = false;
};

namespace {

char *copied(const char *text) {
  const size_t length = std::strlen(text) + 1;
  char *copy = static_cast<char *>(std::malloc(length));
  if (copy != nullptr) std::memcpy(copy, text, length);
  return copy;
}

// Runs `body`; turns whatever it throws into a status and a message.
template <typename Body>
int guarded(char **message, Body body) noexcept {
  *message = nullptr;
  try {
    body();
    return 0;
  } catch (const c10::Error &error) {
    *message = copied(error.what_without_backtrace());
  } catch (const std::exception &error) {
    *message = copied(error.what());
  } catch (...) {
    *message = copied("an unknown C++ exception");
  }
  return 1;
}

// On the device; elements in somebody's mapping stay there, and are brought whenever they are used.
at::Tensor usable(const pf_tensor &tensor, c10::Device device) {
  if (!tensor.is_misaligned) return tensor.value.to(device);
  auto copy = at::empty(tensor.value.sizes(), tensor.value.options());
  std::memcpy(copy.mutable_data_ptr(), tensor.value.const_data_ptr(), copy.nbytes());
  return copy.to(device);
}

c10::IValue tensor_list(const pf_argument &argument, const c10::Type &type, c10::Device device) {
  auto *const *pointers = static_cast<pf_tensor *const *>(argument.pointer);
  const bool optional_elements =
      type.kind() == c10::TypeKind::ListType &&
      type.castRaw<c10::ListType>()->getElementType()->kind() == c10::TypeKind::OptionalType;
  if (optional_elements) {
    c10::List<std::optional<at::Tensor>> list;
    for (size_t i = 0; i < argument.count; ++i) {
      list.push_back(pointers[i] == nullptr ? std::optional<at::Tensor>()
                                            : std::optional<at::Tensor>(usable(*pointers[i], device)));
    }
    return list;
  }
  c10::List<at::Tensor> list;
  for (size_t i = 0; i < argument.count; ++i) list.push_back(usable(*pointers[i], device));
  return list;
}

c10::IValue value(const pf_argument &argument, const c10::Type &type, c10::Device device) {
  switch (argument.kind) {
    case PF_NONE:
      return c10::IValue();
    case PF_TENSOR:
      return usable(*static_cast<const pf_tensor *>(argument.pointer), device);
    case PF_INT:
      return argument.integer;
    case PF_DOUBLE:
      return argument.real;
    case PF_BOOL:
      return argument.integer != 0;
    case PF_INTS: {
      const auto *items = static_cast<const int64_t *>(argument.pointer);
      return std::vector<int64_t>(items, items + argument.count);
    }
    case PF_DOUBLES: {
      const auto *items = static_cast<const double *>(argument.pointer);
      return std::vector<double>(items, items + argument.count);
    }
    case PF_TENSORS:
      return tensor_list(argument, type, device);
    case PF_STRING:
      return std::string(static_cast<const char *>(argument.pointer));
    case PF_SEED:
      return at::detail::createCPUGenerator(static_cast<uint64_t>(argument.integer));
  }
  TORCH_CHECK(false, "unknown argument kind");
}

// An optional list argument is described as Optional[List[...]]; its list type is what matters.
const c10::Type &unwrapped(const c10::Type &type) {
  if (type.kind() == c10::TypeKind::OptionalType) {
    return *type.castRaw<c10::OptionalType>()->getElementType();
  }
  return type;
}

std::vector<c10::IValue> stack_for(const c10::FunctionSchema &schema, const pf_argument *arguments,
                                   size_t count) {
  const auto &parameters = schema.arguments();
  // Seeded numbers are the CPU's on every device.
  auto device = pf::device();
  for (size_t i = 0; i < count; ++i) {
    if (arguments[i].kind == PF_SEED) device = c10::kCPU;
  }
  std::vector<c10::IValue> stack(parameters.size());
  std::vector<bool> given(parameters.size(), false);
  for (size_t i = 0; i < count; ++i) {
    size_t index = i;
    if (arguments[i].name != nullptr) {
      const auto found = schema.argumentIndexWithName(arguments[i].name);
      TORCH_CHECK(found.has_value(), schema.name(), " has no argument ", arguments[i].name);
      index = static_cast<size_t>(*found);
    }
    TORCH_CHECK(index < parameters.size(), schema.name(), " takes ", parameters.size(),
                " arguments");
    stack[index] = value(arguments[i], unwrapped(*parameters[index].type()), device);
    given[index] = true;
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (given[i]) continue;
    TORCH_CHECK(parameters[i].default_value().has_value(), schema.name(), " needs ",
                parameters[i].name());
    stack[i] = *parameters[i].default_value();
    // An operator that makes a tensor of nothing is told where.
    if (parameters[i].name() == "device" && !device.is_cpu()) stack[i] = device;
  }
  return stack;
}

}  // namespace

int pf_call(const char *name, const char *overload, const pf_argument *arguments,
            size_t argument_count, pf_tensor **results, size_t capacity, size_t *count,
            char **message) {
  *count = 0;
  return guarded(message, [&] {
    const auto op = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    auto stack = stack_for(op.schema(), arguments, argument_count);
    op.callBoxed(&stack);
    std::vector<at::Tensor> outputs;
    for (const auto &item : stack) {
      if (item.isTensor()) {
        outputs.push_back(item.toTensor());
      } else if (item.isTensorList()) {
        for (const at::Tensor &element : item.toTensorList()) outputs.push_back(element);
      } else if (!item.isNone()) {
        TORCH_CHECK(false, name, " returned something that is not a tensor");
      }
    }
    TORCH_CHECK(outputs.size() <= capacity, name, " returned ", outputs.size(), " tensors");
    for (auto &output : outputs) results[(*count)++] = new pf_tensor{output.to(pf::device())};
  });
}

int pf_from_bytes(int type, const int64_t *sizes, size_t rank, const void *bytes,
                  size_t byte_count, pf_tensor **result, char **message) {
  return guarded(message, [&] {
    auto created = at::empty(at::IntArrayRef(sizes, rank),
                             at::TensorOptions().dtype(static_cast<at::ScalarType>(type)));
    TORCH_CHECK(created.nbytes() == byte_count, "expected ", created.nbytes(), " bytes, got ",
                byte_count);
    if (byte_count > 0) std::memcpy(created.mutable_data_ptr(), bytes, byte_count);
    *result = new pf_tensor{created.to(pf::device())};
  });
}

int pf_from_mapping(int type, const int64_t *sizes, size_t rank, const void *bytes,
                    size_t byte_count, void *owner, void (*release)(void *), pf_tensor **result,
                    char **message) {
  return guarded(message, [&] {
    const auto scalar = static_cast<at::ScalarType>(type);
    auto created = at::from_blob(const_cast<void *>(bytes), at::IntArrayRef(sizes, rank),
                                 [owner, release](void *) { release(owner); },
                                 at::TensorOptions().dtype(scalar));
    TORCH_CHECK(created.nbytes() == byte_count, "expected ", created.nbytes(), " bytes, got ",
                byte_count);
    const bool is_misaligned =
        reinterpret_cast<uintptr_t>(bytes) % c10::elementSize(scalar) != 0;
    *result = new pf_tensor{std::move(created), is_misaligned};
  });
}

int pf_copy_bytes(const pf_tensor *source, void *bytes, size_t byte_count, char **message) {
  return guarded(message, [&] {
    const auto contiguous = source->value.detach().contiguous().to(c10::kCPU);
    TORCH_CHECK(contiguous.nbytes() == byte_count, "expected room for ", contiguous.nbytes(),
                " bytes, got ", byte_count);
    if (byte_count > 0) std::memcpy(bytes, contiguous.const_data_ptr(), byte_count);
  });
}

size_t pf_rank(const pf_tensor *tensor) { return static_cast<size_t>(tensor->value.dim()); }

int64_t pf_size(const pf_tensor *tensor, size_t axis) {
  return tensor->value.sizes()[axis];
}

int pf_scalar_type(const pf_tensor *tensor) {
  return static_cast<int>(tensor->value.scalar_type());
}

void pf_release(pf_tensor *tensor) { delete tensor; }

void pf_release_message(char *message) { std::free(message); }

int pf_set_requires_gradient(pf_tensor *tensor, bool required, char **message) {
  return guarded(message, [&] { tensor->value.set_requires_grad(required); });
}

int pf_gradients(const pf_tensor *scalar, pf_tensor *const *inputs, size_t count,
                 pf_tensor **results, char **message) {
  return guarded(message, [&] {
    std::vector<at::Tensor> leaves;
    for (size_t i = 0; i < count; ++i) leaves.push_back(inputs[i]->value);
    auto gradients = torch::autograd::grad({scalar->value}, leaves, /*grad_outputs=*/{},
                                           /*retain_graph=*/std::nullopt, /*create_graph=*/false,
                                           /*allow_unused=*/true);
    for (size_t i = 0; i < count; ++i) {
      auto gradient = gradients[i].defined() ? gradients[i] : at::zeros_like(leaves[i]);
      results[i] = new pf_tensor{std::move(gradient)};
    }
  });
}

bool pf_set_gradient_mode(bool enabled) {
  const bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(enabled);
  return before;
}

void pf_set_thread_count(int count) { at::set_num_threads(count); }

int pf_thread_count(void) { return at::get_num_threads(); }

bool pf_set_memory_thresholds(int mapped, int kept) {
#ifdef __GLIBC__
  for (const char *name : {"MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"}) {
    if (std::getenv(name) != nullptr) return false;
  }
  return mallopt(M_MMAP_THRESHOLD, mapped) == 1 && mallopt(M_TRIM_THRESHOLD, kept) == 1;
#else
  (void)mapped;
  (void)kept;
  return false;
#endif
}

void pf_return_memory(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

const char *pf_compiled_version(void) { return TORCH_VERSION; }

const char *pf_loaded_version(void) {
  static const std::string version = [] {
    const std::string configuration = at::show_config();
    const std::string key = "TORCH_VERSION=";
    const auto start = configuration.find(key);
    if (start == std::string::npos) return std::string("unknown");
    const auto begin = start + key.size();
    return configuration.substr(begin, configuration.find_first_of(", \n", begin) - begin);
  }();
  return version.c_str();
}
