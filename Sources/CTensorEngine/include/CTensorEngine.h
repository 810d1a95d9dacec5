// The only door between Swift and libtorch: a C header over ATen's operator dispatcher.
//
// Every operator of the engine is reached by its schema name (`aten::linear`) with a list of
// tagged arguments, so that this header stays the same when the project needs one more operator.
// No C++ exception crosses: every call returns a status, 0 for success; on failure `*message`
// holds a text that the caller releases with `pf_release_message`.
#ifndef PRIVFUSION_C_TENSOR_ENGINE_H
#define PRIVFUSION_C_TENSOR_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// An owned reference to a tensor; released with `pf_release`.
typedef struct pf_tensor pf_tensor;

typedef enum {
  PF_NONE = 0,     // an absent optional
  PF_TENSOR = 1,   // pointer: pf_tensor *
  PF_INT = 2,      // integer (also: a scalar type's code)
  PF_DOUBLE = 3,   // real
  PF_BOOL = 4,     // integer, 0 or 1
  PF_INTS = 5,     // pointer: int64_t *, count
  PF_DOUBLES = 6,  // pointer: double *, count
  PF_TENSORS = 7,  // pointer: pf_tensor **, count; a null entry is an absent tensor
  PF_STRING = 8,   // pointer: char *, NUL-terminated
  PF_SEED = 9      // integer: a fresh generator seeded with it
} pf_kind;

// One argument of an operator. `name` is null for a positional argument.
typedef struct {
  const char *name;
  pf_kind kind;
  int64_t integer;
  double real;
  const void *pointer;
  size_t count;
} pf_argument;

// Calls an operator. Writes at most `capacity` tensors (lists are flattened) into `results` and
// their number into `count`. Schema defaults fill what is not given.
int pf_call(const char *name, const char *overload, const pf_argument *arguments,
            size_t argument_count, pf_tensor **results, size_t capacity, size_t *count,
            char **message);

// Copies `byte_count` bytes of `type` (an ATen scalar type code) into a new tensor.
int pf_from_bytes(int type, const int64_t *sizes, size_t rank, const void *bytes,
                  size_t byte_count, pf_tensor **result, char **message);

// A tensor whose elements stay where they are: in memory that nobody writes, until `release` is
// called with `owner`, once, also on failure. Bytes at an address that the type does not allow are
// copied whenever they are used.
int pf_from_mapping(int type, const int64_t *sizes, size_t rank, const void *bytes,
                    size_t byte_count, void *owner, void (*release)(void *), pf_tensor **result,
                    char **message);

// Copies a tensor's elements in row-major order, as they are, into `bytes`.
int pf_copy_bytes(const pf_tensor *tensor, void *bytes, size_t byte_count, char **message);

size_t pf_rank(const pf_tensor *tensor);
int64_t pf_size(const pf_tensor *tensor, size_t axis);
int pf_scalar_type(const pf_tensor *tensor);
void pf_release(pf_tensor *tensor);
void pf_release_message(char *message);

// Marks a leaf as one that gradients are taken with respect to.
int pf_set_requires_gradient(pf_tensor *tensor, bool required, char **message);

// Gradients of a scalar with respect to `inputs`; zeros where the scalar does not depend on one.
int pf_gradients(const pf_tensor *scalar, pf_tensor *const *inputs, size_t count,
                 pf_tensor **results, char **message);

// Sets the calling thread's gradient mode and returns what it was.
bool pf_set_gradient_mode(bool enabled);

// Makes and computes tensors on the first CUDA device from now on: for a program's start, before its
// first tensor. Returns 1 where libtorch's CUDA library can't be loaded, 2 where there is no device.
int pf_use_cuda(char **message);

void pf_set_thread_count(int count);
int pf_thread_count(void);

// Sets glibc's thresholds, in bytes: blocks from the first on are mapped by themselves, and the heap
// keeps as much as the second when its end is freed. Does nothing elsewhere, or where the environment
// sets one of them. Returns whether it was done.
bool pf_set_memory_thresholds(int mapped, int kept);

// Gives memory that is free in the C library's heap back to the system, where it is glibc.
void pf_return_memory(void);

// The version this shim was compiled against, and the one that was loaded at run time.
const char *pf_compiled_version(void);
const char *pf_loaded_version(void);

#ifdef __cplusplus
}
#endif
#endif
