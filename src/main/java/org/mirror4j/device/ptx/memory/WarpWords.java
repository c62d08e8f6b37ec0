package org.mirror4j.device.ptx.memory;

import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.device.ptx.lanes.LanePattern;
import org.mirror4j.device.ptx.lanes.LaneSpecies;

/**
 * Moves words of all lanes of a warp between memory and its registers, after the check. Where
 * lanes' bytes follow each other they go as vectors: one word a lane as it is, four words a lane
 * transposed. Registers are given by the place of their first lane, in the order of the words.
 */
public final class WarpWords {
  private static final int LANES = 32;
  private static final int HALF = 16;
  private static final int QUAD = 4;

  /** Lanes whose quads are two vectors. */
  private static final int GROUP = 8;

  private static final VectorSpecies<Integer> WORDS =
      VectorSpecies.of(int.class, VectorShape.forBitSize(HALF * Integer.SIZE));
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(HALF * Integer.SIZE));

  /** Vectors narrower than half a warp are left to plain loops. */
  private static final boolean WIDE = LaneSpecies.WORDS.length() == HALF;

  // Lane j takes element 4 j + k of any one of four vectors.
  private static final VectorShuffle<Integer> UNZIP_0 = unzip(0);
  private static final VectorShuffle<Integer> UNZIP_1 = unzip(1);
  private static final VectorShuffle<Integer> UNZIP_2 = unzip(2);
  private static final VectorShuffle<Integer> UNZIP_3 = unzip(3);

  // The lanes of four vectors, four of each.
  private static final long SECOND = 0x00F0;
  private static final long THIRD = 0x0F00;
  private static final long FOURTH = 0xF000;

  // Elements by turns of four vectors.
  private static final long EACH_SECOND = 0x2222;
  private static final long EACH_THIRD = 0x4444;
  private static final long EACH_FOURTH = 0x8888;

  // Element i takes lane 4 m + i / 4.
  private static final VectorShuffle<Integer> ZIP_0 = zip(0);
  private static final VectorShuffle<Integer> ZIP_1 = zip(1);
  private static final VectorShuffle<Integer> ZIP_2 = zip(2);
  private static final VectorShuffle<Integer> ZIP_3 = zip(3);

  private WarpWords() {}

  private static VectorShuffle<Integer> unzip(int k) {
    return VectorShuffle.fromOp(WORDS, lane -> QUAD * lane + k & HALF - 1);
  }

  private static VectorShuffle<Integer> zip(int m) {
    return VectorShuffle.fromOp(WORDS, element -> QUAD * m + element / QUAD);
  }

  /** Loads from global memory. */
  public static void load(LanePattern pattern, long[] addresses, int[] words, int[] places) {
    for (int lane = 0; lane < LANES; lane += HALF) {
      boolean vector = WIDE && isVector(pattern, lane, places.length);
      if (vector && places.length == 1) {
        IntVector.fromMemorySegment(
                WORDS, NativeMemory.ALL, addresses[lane], ByteOrder.nativeOrder())
            .intoArray(words, places[0] + lane);
      } else if (vector) {
        loadQuads(addresses[lane], addresses[lane + GROUP], words, places, lane);
      } else if (places.length == 1) {
        for (int i = lane; i < lane + HALF; i++) {
          words[places[0] + i] = NativeMemory.getWord(addresses[i]);
        }
      } else {
        for (int k = 0; k < places.length; k += 2) {
          loadPairs(addresses, k * Integer.BYTES, words, places[k], places[k + 1], lane);
        }
      }
    }
  }

  /** Stores to global memory; where lanes write the same word the last one stays. */
  public static void store(LanePattern pattern, long[] addresses, int[] words, int[] places) {
    for (int lane = 0; lane < LANES; lane += HALF) {
      boolean vector = WIDE && isVector(pattern, lane, places.length);
      if (vector && places.length == 1) {
        IntVector.fromArray(WORDS, words, places[0] + lane)
            .intoMemorySegment(NativeMemory.ALL, addresses[lane], ByteOrder.nativeOrder());
      } else if (vector) {
        storeQuads(addresses[lane], addresses[lane + GROUP], words, places, lane);
      } else if (places.length == 1) {
        for (int i = lane; i < lane + HALF; i++) {
          NativeMemory.putWord(addresses[i], words[places[0] + i]);
        }
      } else {
        for (int k = 0; k < places.length; k += 2) {
          storePairs(addresses, k * Integer.BYTES, words, places[k], places[k + 1], lane);
        }
      }
    }
  }

  /** Loads from shared memory. */
  public static void load(
      SharedMemory shared, LanePattern pattern, long[] addresses, int[] words, int[] places) {
    for (int lane = 0; lane < LANES; lane += HALF) {
      boolean vector = WIDE && isVector(pattern, lane, places.length);
      if (vector && places.length == 1) {
        ByteVector.fromArray(BYTES, shared.data, (int) addresses[lane])
            .reinterpretAsInts()
            .intoArray(words, places[0] + lane);
      } else if (vector) {
        loadQuads(shared.data, addresses, words, places, lane);
      } else if (places.length == 1) {
        for (int i = lane; i < lane + HALF; i++) {
          words[places[0] + i] = shared.getWord((int) addresses[i]);
        }
      } else {
        for (int k = 0; k < places.length; k += 2) {
          loadPairs(shared, addresses, k * Integer.BYTES, words, places[k], places[k + 1], lane);
        }
      }
    }
  }

  /** Stores to shared memory; where lanes write the same word the last one stays. */
  public static void store(
      SharedMemory shared, LanePattern pattern, long[] addresses, int[] words, int[] places) {
    for (int lane = 0; lane < LANES; lane += HALF) {
      boolean vector = WIDE && isVector(pattern, lane, places.length);
      if (vector && places.length == 1) {
        IntVector.fromArray(WORDS, words, places[0] + lane)
            .reinterpretAsBytes()
            .intoArray(shared.data, (int) addresses[lane]);
      } else if (vector) {
        storeQuads(shared.data, addresses, words, places, lane);
      } else if (places.length == 1) {
        for (int i = lane; i < lane + HALF; i++) {
          shared.putWord((int) addresses[i], words[places[0] + i]);
        }
      } else {
        for (int k = 0; k < places.length; k += 2) {
          storePairs(shared, addresses, k * Integer.BYTES, words, places[k], places[k + 1], lane);
        }
      }
    }
  }

  // Two words at a time of the lanes of half a warp, wherever they are.

  private static void loadPairs(
      long[] addresses, int offset, int[] words, int lower, int upper, int lane) {
    for (int i = lane; i < lane + HALF; i++) {
      long pair = NativeMemory.getDoubleWord(addresses[i] + offset);
      words[lower + i] = (int) pair;
      words[upper + i] = (int) (pair >>> Integer.SIZE);
    }
  }

  private static void storePairs(
      long[] addresses, int offset, int[] words, int lower, int upper, int lane) {
    for (int i = lane; i < lane + HALF; i++) {
      long pair = (long) words[upper + i] << Integer.SIZE | words[lower + i] & 0xFFFFFFFFL;
      NativeMemory.putDoubleWord(addresses[i] + offset, pair);
    }
  }

  private static void loadPairs(
      SharedMemory shared,
      long[] addresses,
      int offset,
      int[] words,
      int lower,
      int upper,
      int lane) {
    for (int i = lane; i < lane + HALF; i++) {
      long pair = shared.getDoubleWord((int) addresses[i] + offset);
      words[lower + i] = (int) pair;
      words[upper + i] = (int) (pair >>> Integer.SIZE);
    }
  }

  private static void storePairs(
      SharedMemory shared,
      long[] addresses,
      int offset,
      int[] words,
      int lower,
      int upper,
      int lane) {
    for (int i = lane; i < lane + HALF; i++) {
      long pair = (long) words[upper + i] << Integer.SIZE | words[lower + i] & 0xFFFFFFFFL;
      shared.putDoubleWord((int) addresses[i] + offset, pair);
    }
  }

  /** One word a lane: sixteen lanes on end; four: eight and eight, wherever either are. */
  private static boolean isVector(LanePattern pattern, int lane, int words) {
    return words == 1 && pattern.isHalfContiguous(lane)
        || words == QUAD && pattern.areQuartersContiguous(lane);
  }

  private static void loadQuads(long first, long second, int[] words, int[] places, int lane) {
    int bytes = WORDS.vectorByteSize();
    ByteOrder order = ByteOrder.nativeOrder();
    IntVector a = IntVector.fromMemorySegment(WORDS, NativeMemory.ALL, first, order);
    IntVector b = IntVector.fromMemorySegment(WORDS, NativeMemory.ALL, first + bytes, order);
    IntVector c = IntVector.fromMemorySegment(WORDS, NativeMemory.ALL, second, order);
    IntVector d = IntVector.fromMemorySegment(WORDS, NativeMemory.ALL, second + bytes, order);
    a.rearrange(UNZIP_0)
        .blend(b.rearrange(UNZIP_0), VectorMask.fromLong(WORDS, SECOND))
        .blend(c.rearrange(UNZIP_0), VectorMask.fromLong(WORDS, THIRD))
        .blend(d.rearrange(UNZIP_0), VectorMask.fromLong(WORDS, FOURTH))
        .intoArray(words, places[0] + lane);
    a.rearrange(UNZIP_1)
        .blend(b.rearrange(UNZIP_1), VectorMask.fromLong(WORDS, SECOND))
        .blend(c.rearrange(UNZIP_1), VectorMask.fromLong(WORDS, THIRD))
        .blend(d.rearrange(UNZIP_1), VectorMask.fromLong(WORDS, FOURTH))
        .intoArray(words, places[1] + lane);
    a.rearrange(UNZIP_2)
        .blend(b.rearrange(UNZIP_2), VectorMask.fromLong(WORDS, SECOND))
        .blend(c.rearrange(UNZIP_2), VectorMask.fromLong(WORDS, THIRD))
        .blend(d.rearrange(UNZIP_2), VectorMask.fromLong(WORDS, FOURTH))
        .intoArray(words, places[2] + lane);
    a.rearrange(UNZIP_3)
        .blend(b.rearrange(UNZIP_3), VectorMask.fromLong(WORDS, SECOND))
        .blend(c.rearrange(UNZIP_3), VectorMask.fromLong(WORDS, THIRD))
        .blend(d.rearrange(UNZIP_3), VectorMask.fromLong(WORDS, FOURTH))
        .intoArray(words, places[3] + lane);
  }

  private static void loadQuads(
      byte[] data, long[] addresses, int[] words, int[] places, int lane) {
    int first = (int) addresses[lane];
    int second = (int) addresses[lane + GROUP];
    int bytes = WORDS.vectorByteSize();
    IntVector a = ByteVector.fromArray(BYTES, data, first).reinterpretAsInts();
    IntVector b = ByteVector.fromArray(BYTES, data, first + bytes).reinterpretAsInts();
    IntVector c = ByteVector.fromArray(BYTES, data, second).reinterpretAsInts();
    IntVector d = ByteVector.fromArray(BYTES, data, second + bytes).reinterpretAsInts();
    a.rearrange(UNZIP_0)
        .blend(b.rearrange(UNZIP_0), VectorMask.fromLong(WORDS, SECOND))
        .blend(c.rearrange(UNZIP_0), VectorMask.fromLong(WORDS, THIRD))
        .blend(d.rearrange(UNZIP_0), VectorMask.fromLong(WORDS, FOURTH))
        .intoArray(words, places[0] + lane);
    a.rearrange(UNZIP_1)
        .blend(b.rearrange(UNZIP_1), VectorMask.fromLong(WORDS, SECOND))
        .blend(c.rearrange(UNZIP_1), VectorMask.fromLong(WORDS, THIRD))
        .blend(d.rearrange(UNZIP_1), VectorMask.fromLong(WORDS, FOURTH))
        .intoArray(words, places[1] + lane);
    a.rearrange(UNZIP_2)
        .blend(b.rearrange(UNZIP_2), VectorMask.fromLong(WORDS, SECOND))
        .blend(c.rearrange(UNZIP_2), VectorMask.fromLong(WORDS, THIRD))
        .blend(d.rearrange(UNZIP_2), VectorMask.fromLong(WORDS, FOURTH))
        .intoArray(words, places[2] + lane);
    a.rearrange(UNZIP_3)
        .blend(b.rearrange(UNZIP_3), VectorMask.fromLong(WORDS, SECOND))
        .blend(c.rearrange(UNZIP_3), VectorMask.fromLong(WORDS, THIRD))
        .blend(d.rearrange(UNZIP_3), VectorMask.fromLong(WORDS, FOURTH))
        .intoArray(words, places[3] + lane);
  }

  private static void storeQuads(long first, long second, int[] words, int[] places, int lane) {
    IntVector a = IntVector.fromArray(WORDS, words, places[0] + lane);
    IntVector b = IntVector.fromArray(WORDS, words, places[1] + lane);
    IntVector c = IntVector.fromArray(WORDS, words, places[2] + lane);
    IntVector d = IntVector.fromArray(WORDS, words, places[3] + lane);
    int bytes = WORDS.vectorByteSize();
    ByteOrder order = ByteOrder.nativeOrder();
    a.rearrange(ZIP_0)
        .blend(b.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .intoMemorySegment(NativeMemory.ALL, first, order);
    a.rearrange(ZIP_1)
        .blend(b.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .intoMemorySegment(NativeMemory.ALL, first + bytes, order);
    a.rearrange(ZIP_2)
        .blend(b.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .intoMemorySegment(NativeMemory.ALL, second, order);
    a.rearrange(ZIP_3)
        .blend(b.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .intoMemorySegment(NativeMemory.ALL, second + bytes, order);
  }

  private static void storeQuads(
      byte[] data, long[] addresses, int[] words, int[] places, int lane) {
    IntVector a = IntVector.fromArray(WORDS, words, places[0] + lane);
    IntVector b = IntVector.fromArray(WORDS, words, places[1] + lane);
    IntVector c = IntVector.fromArray(WORDS, words, places[2] + lane);
    IntVector d = IntVector.fromArray(WORDS, words, places[3] + lane);
    int first = (int) addresses[lane];
    int second = (int) addresses[lane + GROUP];
    int bytes = WORDS.vectorByteSize();
    a.rearrange(ZIP_0)
        .blend(b.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .reinterpretAsBytes()
        .intoArray(data, first);
    a.rearrange(ZIP_1)
        .blend(b.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .reinterpretAsBytes()
        .intoArray(data, first + bytes);
    a.rearrange(ZIP_2)
        .blend(b.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .reinterpretAsBytes()
        .intoArray(data, second);
    a.rearrange(ZIP_3)
        .blend(b.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .reinterpretAsBytes()
        .intoArray(data, second + bytes);
  }
}
