package org.mirror4j.device.operation;

/**
 * The instruction set of the engine. Model code is only calls on it; each device implements it.
 *
 * <p>Arguments are outputs, then inputs, then scalars; where they are many, a record names them,
 * made once where the tensors are planned, so that a step makes none, and what differs from step to
 * step follows it. Activations and their gradients, and weights in matrix products, are of one type
 * in each call, the storage type ({@link org.mirror4j.device.Device#storageTypes}); parameters
 * otherwise, their gradients, statistics, pooled vectors, similarities and losses are f32, ids and
 * indices i32. Outputs are overwritten, nothing may alias, and an operation on zero rows does
 * nothing. Sums are accumulated in f32 or wider in an order that depends on the shapes alone, so
 * the same inputs give the same bits whatever the number of threads. {@code tokens} are the rows of
 * a packed batch, {@code sequences} its sequences; {@code cuSeqlens} is i32[sequences + 1], rows of
 * sequence {@code s} being {@code cuSeqlens[s] .. cuSeqlens[s + 1] - 1}; {@code keyLengths} is
 * i32[sequences], the number of leading rows of each sequence that are real tokens (at least 1);
 * later rows are padding that is computed as queries but never attended to.
 *
 * <p>All methods throw {@link ShapeException} before anything is written if types or shapes do not
 * fit or operands alias that must not.
 *
 * <p>Each family checks its operands, the thread and that memory is this device's first, and hands
 * on to what a device does for it. Values of indices are the device's own to check. Nothing is
 * allocated unless there is something to refuse.
 *
 * @param memory filling and copying
 * @param embedding embeddings of tokens
 * @param product products of matrices
 * @param attention attention inside packed sequences
 * @param norm LayerNorm
 * @param activation bias and activation
 * @param row pooling, selection and scaling of rows
 * @param loss losses with their gradients
 * @param optimizer optimisation over flat buffers
 * @param flow steps of normalising flows
 */
public record Kernels(
    Memory memory,
    Embedding embedding,
    Product product,
    Attention attention,
    Norm norm,
    Activation activation,
    Row row,
    Loss loss,
    Optimizer optimizer,
    Flow flow) {}
