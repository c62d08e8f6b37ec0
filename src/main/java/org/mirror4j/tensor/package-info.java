/**
 * Buffers before anything is computed with them: {@link org.mirror4j.tensor.Tensor}, a named view
 * of a device's memory with {@link org.mirror4j.tensor.Shape} and {@link
 * org.mirror4j.tensor.DType}, and {@link org.mirror4j.tensor.Workspace}, which plans buffers once,
 * frees them together, and can count bytes instead of taking them. {@link
 * org.mirror4j.tensor.ParameterTable} says where each parameter of a model lies in flat buffers,
 * from which each block takes its own by a {@link org.mirror4j.tensor.ParameterScope}. Memory comes
 * from an {@link org.mirror4j.tensor.Allocator}, and {@link org.mirror4j.tensor.Ownership} says who
 * may use it. Depends on no other package of mirror4j.
 */
package org.mirror4j.tensor;
