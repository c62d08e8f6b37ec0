package org.mirror4j.device.ptx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * What the lanes of a warp have begun to copy into shared memory and not waited for, in groups, as
 * {@code cp.async.commit_group} ends them. Each lane has groups of its own.
 */
final class PendingCopies {
  /**
   * The copy of a lane.
   *
   * @param step the instruction that began it
   * @param address of the first byte in shared memory
   * @param bytes 4, 8 or 16
   * @param lower the first eight bytes
   * @param upper the last eight of 16
   * @param group number of its group among those of the lane
   */
  record Copy(Step step, int address, int bytes, long lower, long upper, long group) {}

  /** Where the copies of an instruction go, between the check of it and that of the source. */
  final int[] targets = new int[Warp.LANES];

  /** Oldest first. */
  private final List<Deque<Copy>> copies = new ArrayList<>();

  /** Groups that each lane has ended. */
  private final long[] ended = new long[Warp.LANES];

  PendingCopies() {
    for (int lane = 0; lane < Warp.LANES; lane++) {
      copies.add(new ArrayDeque<>());
    }
  }

  /** Forgets everything: another CTA begins. */
  void clear() {
    copies.forEach(Deque::clear);
    Arrays.fill(ended, 0);
  }

  /** Adds a copy to the group that a lane has not ended yet. */
  void add(int lane, Step step, int address, int bytes, long lower, long upper) {
    copies.get(lane).add(new Copy(step, address, bytes, lower, upper, ended[lane]));
  }

  /** Ends the groups of some lanes: what comes next belongs to the next ones. */
  void endGroups(int lanes) {
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      ended[Integer.numberOfTrailingZeros(rest)]++;
    }
  }

  /**
   * Takes the oldest copy of a lane that is in none of its youngest ended groups.
   *
   * @param youngest how many groups may go on
   * @return null if there is none
   */
  Copy take(int lane, long youngest) {
    Copy oldest = copies.get(lane).peek();
    return oldest != null && oldest.group < ended[lane] - youngest
        ? copies.get(lane).remove()
        : null;
  }

  /** The oldest copy of a lane; null if there is none. */
  Copy oldest(int lane) {
    return copies.get(lane).peek();
  }
}
