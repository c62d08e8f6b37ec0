package org.mirror4j.method.flow;

import java.util.SplittableRandom;
import org.mirror4j.train.Permutation;

/**
 * An order of items as an input pipeline with a buffer gives it: the buffer holds the first items,
 * one of it is drawn at a time, and the next item takes its place. So an item moves forward by less
 * than the buffer's size, and data that lie in parts are seen part by part.
 */
final class ShuffleBuffer {
  private ShuffleBuffer() {}

  /**
   * The order of an epoch, a function of the arguments alone.
   *
   * @param buffer 0 for an order of all items
   */
  static int[] order(int size, int buffer, long seed, int epoch) {
    if (buffer == 0 || buffer >= size) {
      return Permutation.of(size, seed, epoch);
    }
    int[] held = Permutation.inOrder(buffer);
    int[] order = new int[size];
    SplittableRandom random = new SplittableRandom(seed ^ 0x9E3779B97F4A7C15L * (epoch + 1));
    int filled = buffer;
    for (int i = 0; i < size; i++) {
      int drawn = random.nextInt(filled);
      order[i] = held[drawn];
      int next = i + buffer;
      held[drawn] = next < size ? next : held[--filled];
    }
    return order;
  }
}
