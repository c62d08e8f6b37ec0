package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/**
 * Rows grouped by the table row they were looked up from, so that a table's gradient is summed in a
 * fixed order without atomics. Group {@code g} holds the rows {@code order[starts[g]] ..
 * order[starts[g + 1] - 1]}, ascending, and belongs to table row {@code keys[g]}; keys ascend. Rows
 * of the order after the last group, and rows that it does not have, belong to no table row, as
 * padding does. A group without rows stands for no table row and changes nothing, whatever its key.
 *
 * @param order i32[ordered], different rows, at most all of them
 * @param keys i32[groups], distinct where there are rows
 * @param starts i32[groups + 1]
 */
public record RowSegments(Tensor order, Tensor keys, Tensor starts) {}
