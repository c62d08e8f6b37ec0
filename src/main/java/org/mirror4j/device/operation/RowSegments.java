package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

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
public record RowSegments(Tensor order, Tensor keys, Tensor starts) {
  /**
   * Buffers for at most so many rows, each perhaps a group of its own.
   *
   * @param workspace may only count
   * @param name what the names of the buffers start with
   */
  public static RowSegments plan(Workspace workspace, String name, int rows) {
    return new RowSegments(
        workspace.i32(name + ".order", rows),
        workspace.i32(name + ".keys", rows),
        workspace.i32(name + ".starts", rows + 1));
  }
}
