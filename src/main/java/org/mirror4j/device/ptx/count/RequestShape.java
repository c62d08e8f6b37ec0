package org.mirror4j.device.ptx.count;

import java.util.Arrays;
import org.mirror4j.device.ptx.lanes.LanePattern;

/**
 * How one warp's access falls on sectors and banks. Made once for an instruction and used again for
 * every request, so that counting allocates nothing, and what is as before is not counted again.
 */
final class RequestShape {
  static final int SECTOR_BYTES = 32;

  private static final int LANES = 32;
  private static final int BANKS = 32;
  private static final int WORD_BYTES = 4;

  /** Bytes in all banks at one place. */
  private static final int PASS_BYTES = BANKS * WORD_BYTES;

  private static final int GLOBAL = 0;
  private static final int SHARED = PASS_BYTES;

  private final long[] pieces = new long[4 * LANES];
  private final int[] perBank = new int[BANKS];
  private final LanePattern pattern = new LanePattern();

  /** Space and first address of the request before, as far as it matters; -1 before the first. */
  private int phase = -1;

  /** Its lanes. */
  private int lanes;

  private int sectors;
  private int idealSectors;
  private int wavefronts;
  private int idealWavefronts;
  private int distinctAddresses;

  /** Sectors of the last request in global memory. */
  int sectors() {
    return sectors;
  }

  /** Sectors that its distinct bytes need. */
  int idealSectors() {
    return idealSectors;
  }

  /** Passes of the last request in shared memory. */
  int wavefronts() {
    return wavefronts;
  }

  /** Passes that its distinct words need. */
  int idealWavefronts() {
    return idealWavefronts;
  }

  /**
   * Lanes, of all, whose access in the last request does not lie right behind the lane before's.
   */
  int breaks() {
    return pattern.breaks();
  }

  /** Different addresses of the last atomic request. */
  int distinctAddresses() {
    return distinctAddresses;
  }

  /** Looks at a request in global memory; each lane's bytes are aligned to their number. */
  void global(int mask, long[] addresses, int bytes) {
    if (isAsBefore(mask, addresses, bytes, GLOBAL)) {
      return;
    }
    // Aligned accesses of equal size are the same bytes or none in common.
    int distinct = gather(mask, addresses, bytes, 1);
    idealSectors = (distinct * bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;
    sectors = 0;
    long last = Long.MIN_VALUE;
    for (int i = 0; i < distinct; i++) {
      long sector = Math.floorDiv(pieces[i], (long) SECTOR_BYTES);
      if (sector != last) {
        sectors++;
        last = sector;
      }
    }
  }

  /**
   * Whether a request has the shape of the one before: the same lanes, the same distances between
   * all of them, from a first address as far into a pass over all banks, and so into a sector.
   */
  private boolean isAsBefore(int mask, long[] addresses, int bytes, int space) {
    int found = space + ((int) addresses[0] & PASS_BYTES - 1);
    boolean before = pattern.take(addresses, bytes) && found == phase && mask == lanes;
    phase = found;
    lanes = mask;
    return before;
  }

  /**
   * Looks at a request in shared memory. An access of 8 bytes a lane goes by half warps, one of 16
   * by quarters; lanes at the same word share it.
   */
  void shared(int mask, long[] addresses, int bytes) {
    if (isAsBefore(mask, addresses, bytes, SHARED)) {
      return;
    }
    wavefronts = 0;
    idealWavefronts = 0;
    int groups = bytes == 16 ? 4 : bytes == 8 ? 2 : 1;
    int share = LANES / groups;
    int words = Math.max(1, bytes / WORD_BYTES);
    for (int group = 0; group < groups; group++) {
      int part = groups == 1 ? mask : mask & ((1 << share) - 1) << group * share;
      if (part == 0) {
        continue;
      }
      if (sharesNoBank(part, addresses, Math.max(bytes, WORD_BYTES))) {
        wavefronts++;
        idealWavefronts++;
        continue;
      }
      int distinct = gather(part, addresses, WORD_BYTES, words);
      Arrays.fill(perBank, 0);
      int most = 0;
      for (int i = 0; i < distinct; i++) {
        int bank = (int) (pieces[i] / WORD_BYTES) & BANKS - 1;
        most = Math.max(most, ++perBank[bank]);
      }
      wavefronts += most;
      idealWavefronts += (distinct + BANKS - 1) / BANKS;
    }
  }

  /** Whether lanes that meet in a bank want the same words: one pass then does. */
  private boolean sharesNoBank(int part, long[] addresses, int bytes) {
    int slots = PASS_BYTES / bytes;
    int shift = Integer.numberOfTrailingZeros(bytes);
    int taken = 0;
    for (int rest = part; rest != 0; rest &= rest - 1) {
      long piece = addresses[Integer.numberOfTrailingZeros(rest)] >> shift;
      int slot = (int) piece & slots - 1;
      if ((taken >>> slot & 1) != 0 && pieces[slot] != piece) {
        return false;
      }
      taken |= 1 << slot;
      pieces[slot] = piece;
    }
    return true;
  }

  /** Looks at an atomic request. */
  void atomic(int mask, long[] addresses) {
    distinctAddresses = gather(mask, addresses, 1, 1);
  }

  /**
   * The distinct aligned pieces of a request, ascending, into {@link #pieces}.
   *
   * @param count pieces of each lane, one after the other
   * @return their number
   */
  private int gather(int mask, long[] addresses, int pieceBytes, int count) {
    int found = 0;
    boolean ascending = true;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      long first = addresses[Integer.numberOfTrailingZeros(rest)] & -pieceBytes;
      for (int i = 0; i < count; i++) {
        long piece = first + (long) i * pieceBytes;
        ascending &= found == 0 || pieces[found - 1] < piece;
        pieces[found++] = piece;
      }
    }
    if (ascending) {
      return found;
    }
    Arrays.sort(pieces, 0, found);
    int distinct = 1;
    for (int i = 1; i < found; i++) {
      if (pieces[i] != pieces[distinct - 1]) {
        pieces[distinct++] = pieces[i];
      }
    }
    return distinct;
  }
}
