package org.mirror4j.device.ptx.memory;

import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
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
  private static final int QUAD = 4;

  private static final VectorSpecies<Integer> WORDS = LaneSpecies.WORDS;
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, WORDS.vectorShape());
  private static final int WIDTH = WORDS.length();

  /** Lanes whose quads are a vector. */
  private static final int PIECE = WIDTH / QUAD;

  // Lane j takes element 4 j + k of any one of four vectors.
  private static final VectorShuffle<Integer> UNZIP_0 = unzip(0);
  private static final VectorShuffle<Integer> UNZIP_1 = unzip(1);
  private static final VectorShuffle<Integer> UNZIP_2 = unzip(2);
  private static final VectorShuffle<Integer> UNZIP_3 = unzip(3);

  // The lanes of the second of four vectors, the third and the last.
  private static final long SECOND = (1L << PIECE) - 1 << PIECE;
  private static final long THIRD = SECOND << PIECE;
  private static final long FOURTH = THIRD << PIECE;

  // Elements by turns of four vectors.
  private static final long EACH_SECOND = 0x2222;
  private static final long EACH_THIRD = 0x4444;
  private static final long EACH_FOURTH = 0x8888;

  // Element i takes lane m PIECE + i / 4.
  private static final VectorShuffle<Integer> ZIP_0 = zip(0);
  private static final VectorShuffle<Integer> ZIP_1 = zip(1);
  private static final VectorShuffle<Integer> ZIP_2 = zip(2);
  private static final VectorShuffle<Integer> ZIP_3 = zip(3);

  private WarpWords() {}

  private static VectorShuffle<Integer> unzip(int k) {
    return VectorShuffle.fromOp(WORDS, lane -> QUAD * lane + k & WIDTH - 1);
  }

  private static VectorShuffle<Integer> zip(int m) {
    return VectorShuffle.fromOp(WORDS, element -> PIECE * m + element / QUAD);
  }

  /** Loads from global memory. */
  public static void load(LanePattern pattern, long[] addresses, int[] words, int[] places) {
    if (areWordsContiguous(pattern, places.length)) {
      for (int lane = 0; lane < LANES; lane += WIDTH) {
        IntVector.fromMemorySegment(
                WORDS, NativeMemory.ALL, addresses[lane], ByteOrder.nativeOrder())
            .intoArray(words, places[0] + lane);
      }
    } else if (areQuadsContiguous(pattern, places.length)) {
      for (int lane = 0; lane < LANES; lane += WIDTH) {
        loadQuads(addresses, words, places, lane);
      }
    } else if (places.length == 1) {
      for (int i = 0; i < LANES; i++) {
        words[places[0] + i] = NativeMemory.getWord(addresses[i]);
      }
    } else {
      for (int k = 0; k < places.length; k += 2) {
        int lower = places[k];
        int upper = places[k + 1];
        for (int i = 0; i < LANES; i++) {
          long pair = NativeMemory.getDoubleWord(addresses[i] + k * Integer.BYTES);
          words[lower + i] = (int) pair;
          words[upper + i] = (int) (pair >>> Integer.SIZE);
        }
      }
    }
  }

  /** Stores to global memory; where lanes write the same word the last one stays. */
  public static void store(LanePattern pattern, long[] addresses, int[] words, int[] places) {
    if (areWordsContiguous(pattern, places.length)) {
      for (int lane = 0; lane < LANES; lane += WIDTH) {
        IntVector.fromArray(WORDS, words, places[0] + lane)
            .intoMemorySegment(NativeMemory.ALL, addresses[lane], ByteOrder.nativeOrder());
      }
    } else if (areQuadsContiguous(pattern, places.length)) {
      for (int lane = 0; lane < LANES; lane += WIDTH) {
        storeQuads(addresses, words, places, lane);
      }
    } else if (places.length == 1) {
      for (int i = 0; i < LANES; i++) {
        NativeMemory.putWord(addresses[i], words[places[0] + i]);
      }
    } else {
      for (int k = 0; k < places.length; k += 2) {
        int lower = places[k];
        int upper = places[k + 1];
        for (int i = 0; i < LANES; i++) {
          NativeMemory.putDoubleWord(
              addresses[i] + k * Integer.BYTES, pair(words[lower + i], words[upper + i]));
        }
      }
    }
  }

  /** Loads from shared memory. */
  public static void load(
      SharedMemory shared, LanePattern pattern, long[] addresses, int[] words, int[] places) {
    if (areWordsContiguous(pattern, places.length)) {
      for (int lane = 0; lane < LANES; lane += WIDTH) {
        ByteVector.fromArray(BYTES, shared.data, (int) addresses[lane])
            .reinterpretAsInts()
            .intoArray(words, places[0] + lane);
      }
    } else if (areQuadsContiguous(pattern, places.length)) {
      for (int lane = 0; lane < LANES; lane += WIDTH) {
        loadQuads(shared.data, addresses, words, places, lane);
      }
    } else if (places.length == 1) {
      for (int i = 0; i < LANES; i++) {
        words[places[0] + i] = shared.getWord((int) addresses[i]);
      }
    } else {
      for (int k = 0; k < places.length; k += 2) {
        int lower = places[k];
        int upper = places[k + 1];
        for (int i = 0; i < LANES; i++) {
          long pair = shared.getDoubleWord((int) addresses[i] + k * Integer.BYTES);
          words[lower + i] = (int) pair;
          words[upper + i] = (int) (pair >>> Integer.SIZE);
        }
      }
    }
  }

  /** Stores to shared memory; where lanes write the same word the last one stays. */
  public static void store(
      SharedMemory shared, LanePattern pattern, long[] addresses, int[] words, int[] places) {
    if (areWordsContiguous(pattern, places.length)) {
      for (int lane = 0; lane < LANES; lane += WIDTH) {
        IntVector.fromArray(WORDS, words, places[0] + lane)
            .reinterpretAsBytes()
            .intoArray(shared.data, (int) addresses[lane]);
      }
    } else if (areQuadsContiguous(pattern, places.length)) {
      for (int lane = 0; lane < LANES; lane += WIDTH) {
        storeQuads(shared.data, addresses, words, places, lane);
      }
    } else if (places.length == 1) {
      for (int i = 0; i < LANES; i++) {
        shared.putWord((int) addresses[i], words[places[0] + i]);
      }
    } else {
      for (int k = 0; k < places.length; k += 2) {
        int lower = places[k];
        int upper = places[k + 1];
        for (int i = 0; i < LANES; i++) {
          shared.putDoubleWord(
              (int) addresses[i] + k * Integer.BYTES, pair(words[lower + i], words[upper + i]));
        }
      }
    }
  }

  private static long pair(int lower, int upper) {
    return (long) upper << Integer.SIZE | lower & 0xFFFFFFFFL;
  }

  /** One word a lane, as many on end as a vector has. */
  private static boolean areWordsContiguous(LanePattern pattern, int words) {
    return words == 1 && pattern.isContiguous(WIDTH);
  }

  /** Four words a lane, as many on end as a vector has. */
  private static boolean areQuadsContiguous(LanePattern pattern, int words) {
    return words == QUAD && pattern.isContiguous(PIECE);
  }

  private static void loadQuads(long[] addresses, int[] words, int[] places, int lane) {
    ByteOrder order = ByteOrder.nativeOrder();
    IntVector a = IntVector.fromMemorySegment(WORDS, NativeMemory.ALL, addresses[lane], order);
    IntVector b =
        IntVector.fromMemorySegment(WORDS, NativeMemory.ALL, addresses[lane + PIECE], order);
    IntVector c =
        IntVector.fromMemorySegment(WORDS, NativeMemory.ALL, addresses[lane + 2 * PIECE], order);
    IntVector d =
        IntVector.fromMemorySegment(WORDS, NativeMemory.ALL, addresses[lane + 3 * PIECE], order);
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
    IntVector a = ByteVector.fromArray(BYTES, data, (int) addresses[lane]).reinterpretAsInts();
    IntVector b =
        ByteVector.fromArray(BYTES, data, (int) addresses[lane + PIECE]).reinterpretAsInts();
    IntVector c =
        ByteVector.fromArray(BYTES, data, (int) addresses[lane + 2 * PIECE]).reinterpretAsInts();
    IntVector d =
        ByteVector.fromArray(BYTES, data, (int) addresses[lane + 3 * PIECE]).reinterpretAsInts();
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

  private static void storeQuads(long[] addresses, int[] words, int[] places, int lane) {
    IntVector a = IntVector.fromArray(WORDS, words, places[0] + lane);
    IntVector b = IntVector.fromArray(WORDS, words, places[1] + lane);
    IntVector c = IntVector.fromArray(WORDS, words, places[2] + lane);
    IntVector d = IntVector.fromArray(WORDS, words, places[3] + lane);
    ByteOrder order = ByteOrder.nativeOrder();
    a.rearrange(ZIP_0)
        .blend(b.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .intoMemorySegment(NativeMemory.ALL, addresses[lane], order);
    a.rearrange(ZIP_1)
        .blend(b.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .intoMemorySegment(NativeMemory.ALL, addresses[lane + PIECE], order);
    a.rearrange(ZIP_2)
        .blend(b.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .intoMemorySegment(NativeMemory.ALL, addresses[lane + 2 * PIECE], order);
    a.rearrange(ZIP_3)
        .blend(b.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .intoMemorySegment(NativeMemory.ALL, addresses[lane + 3 * PIECE], order);
  }

  private static void storeQuads(
      byte[] data, long[] addresses, int[] words, int[] places, int lane) {
    IntVector a = IntVector.fromArray(WORDS, words, places[0] + lane);
    IntVector b = IntVector.fromArray(WORDS, words, places[1] + lane);
    IntVector c = IntVector.fromArray(WORDS, words, places[2] + lane);
    IntVector d = IntVector.fromArray(WORDS, words, places[3] + lane);
    a.rearrange(ZIP_0)
        .blend(b.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_0), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .reinterpretAsBytes()
        .intoArray(data, (int) addresses[lane]);
    a.rearrange(ZIP_1)
        .blend(b.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_1), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .reinterpretAsBytes()
        .intoArray(data, (int) addresses[lane + PIECE]);
    a.rearrange(ZIP_2)
        .blend(b.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_2), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .reinterpretAsBytes()
        .intoArray(data, (int) addresses[lane + 2 * PIECE]);
    a.rearrange(ZIP_3)
        .blend(b.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_SECOND))
        .blend(c.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_THIRD))
        .blend(d.rearrange(ZIP_3), VectorMask.fromLong(WORDS, EACH_FOURTH))
        .reinterpretAsBytes()
        .intoArray(data, (int) addresses[lane + 3 * PIECE]);
  }
}
