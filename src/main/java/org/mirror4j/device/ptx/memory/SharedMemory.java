package org.mirror4j.device.ptx.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.mirror4j.device.ptx.lanes.LanePattern;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.InstructionSite;
import org.mirror4j.device.ptx.report.LaneRegisters;

/**
 * Shared memory of the CTA that one thread interprets; reused from CTA to CTA. Addresses count from
 * 0. As with {@link GlobalAccess} a whole warp's access is checked first and moved by the caller
 * after.
 *
 * <p>Initialisation is kept a byte; races are kept a granule, which is the narrowest element that
 * the kernel moves: a word, or less where it moves halves or bytes.
 */
public final class SharedMemory {
  private static final VarHandle HALF = view(short[].class);
  private static final VarHandle WORD = view(int[].class);
  private static final VarHandle DOUBLE_WORD = view(long[].class);

  /** Mark of a byte into which a copy is under way. */
  private static final byte PENDING = 2;

  private static final int WORD_WRITTEN = 0x01010101;
  private static final long DOUBLE_WORD_WRITTEN = 0x0101010101010101L;

  private final int bytes;
  private final boolean all;
  private final SharedFindings findings;
  final byte[] data;
  private final byte[] written;
  private final SharedRaces races;

  /** Copies of lanes that are under way. */
  private int copies;

  /**
   * Shared memory of a fixed size.
   *
   * @param bytes static and dynamic size together
   * @param granuleBytes narrowest element any load, store or atomic of the kernel moves in shared
   *     memory: 1, 2 or 4 bytes (4 for wider ones)
   * @param registers what reports tell of the lane
   */
  public SharedMemory(
      int bytes, int granuleBytes, CheckLevel level, Findings findings, LaneRegisters registers) {
    if (bytes < 0 || Integer.bitCount(granuleBytes) != 1 || granuleBytes > 4) {
      throw new IllegalArgumentException(
          "%d bytes of shared memory with granules of %d bytes".formatted(bytes, granuleBytes));
    }
    this.bytes = bytes;
    this.all = level == CheckLevel.ALL;
    this.findings = new SharedFindings(findings, registers, bytes);
    this.data = new byte[bytes];
    this.written = new byte[all ? bytes : 0];
    this.races = all ? new SharedRaces(bytes, granuleBytes) : null;
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.nativeOrder());
  }

  /** Size in bytes. */
  public int bytes() {
    return bytes;
  }

  /**
   * Empties the memory for another CTA. With all checks on it holds the NaN of fresh memory, else
   * what the CTA before left.
   *
   * @param linear index of the CTA in the grid, for reports
   */
  public void beginCta(int linear) {
    findings.beginCta(linear);
    copies = 0;
    if (all) {
      for (int i = 0; i + Integer.BYTES <= bytes; i += Integer.BYTES) {
        putWord(i, Allocation.FRESH_WORD);
      }
      Arrays.fill(written, (byte) 0);
      races.ctaBarrier();
    }
  }

  /** All threads of the CTA have passed a barrier. */
  public void ctaBarrier() {
    if (all) {
      races.ctaBarrier();
    }
  }

  /**
   * All live lanes of a warp have passed {@code bar.warp.sync}. A barrier of some of them must not
   * be told: it orders nothing for the others.
   */
  public void warpBarrier(int warp) {
    if (all) {
      races.warpBarrier(warp);
    }
  }

  /**
   * Checks a load. A finding that makes the access meaningless ends the launch.
   *
   * @param mask active lanes
   * @param addresses address of each lane
   * @param accessBytes size of the whole, possibly vector, access of a lane: 1, 2, 4, 8 or 16
   */
  public void load(InstructionSite site, int warp, int mask, long[] addresses, int accessBytes) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int address = checked(site, warp, lane, addresses[lane], accessBytes);
      if (all) {
        boolean settled = requireWritten(site, warp, lane, address, accessBytes);
        int other = races.read(warp * 32 + lane, address, accessBytes);
        if (other >= 0 && settled) {
          findings.race(site, warp, lane, address, accessBytes, "read, written", other);
        }
      }
    }
  }

  /**
   * Checks the load of rows that a whole warp reads, whichever lane has a row's address: what any
   * of its lanes has written has to be ordered before it by a barrier.
   *
   * @param mask lanes whose rows are read; the addresses of the others must be those of rows too
   * @param addresses address of each lane
   * @param rowBytes size of a row: 1, 2, 4, 8 or 16
   */
  public void loadRows(InstructionSite site, int warp, int mask, long[] addresses, int rowBytes) {
    for (int lane = 0; lane < addresses.length; lane++) {
      int address = checked(site, warp, lane, addresses[lane], rowBytes);
      if (all && (mask >>> lane & 1) != 0) {
        boolean settled = requireWritten(site, warp, lane, address, rowBytes);
        int other = races.readByWarp(warp, address, rowBytes);
        if (other >= 0 && settled) {
          findings.warpRace(site, warp, lane, address, rowBytes, other);
        }
      }
    }
  }

  /** Checks a store; arguments as in {@link #load}. */
  public void store(InstructionSite site, int warp, int mask, long[] addresses, int accessBytes) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int address = checked(site, warp, lane, addresses[lane], accessBytes);
      if (all) {
        boolean settled = copies == 0 || requireSettled(site, warp, lane, address, accessBytes);
        markWritten(address, accessBytes);
        int other = races.write(warp * 32 + lane, address, accessBytes);
        if (other >= 0 && settled) {
          findings.race(site, warp, lane, address, accessBytes, "written, read or written", other);
        }
      }
    }
  }

  /**
   * Checks copies that begin: their targets must not be touched until the end of each. Arguments as
   * in {@link #load}.
   */
  public void beginCopy(InstructionSite site, int warp, int mask, long[] addresses, int bytes) {
    store(site, warp, mask, addresses, bytes);
    copies += Integer.bitCount(mask);
    if (copies > data.length / Integer.BYTES) {
      findings.tooManyCopies(site);
    }
    if (all) {
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int address = (int) addresses[Integer.numberOfTrailingZeros(rest)];
        Arrays.fill(written, address, address + bytes, PENDING);
      }
    }
  }

  /** A lane has waited for a copy that it began: it writes the bytes now. */
  public void endCopy(int warp, int lane, int address, int bytes) {
    copies--;
    if (all) {
      markWritten(address, bytes);
      // Whoever has touched them since the beginning was reported.
      races.write(warp * 32 + lane, address, bytes);
    }
  }

  /** Checks an atomic operation, which reads and writes; arguments as in {@link #load}. */
  public void atomic(InstructionSite site, int warp, int mask, long[] addresses, int accessBytes) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int address = checked(site, warp, lane, addresses[lane], accessBytes);
      if (all) {
        boolean settled = requireWritten(site, warp, lane, address, accessBytes);
        markWritten(address, accessBytes);
        int other = races.atomic(warp * 32 + lane, address, accessBytes);
        if (other >= 0 && settled) {
          findings.race(
              site, warp, lane, address, accessBytes, "changed atomically, read or written", other);
        }
      }
    }
  }

  /**
   * Whether an access by all lanes of a warp may be made without a look at single lanes; false
   * where {@link #load} or {@link #store} has to look.
   */
  public boolean allowsAll(LanePattern pattern, long first) {
    return !all && pattern.isInside(first, 0, bytes);
  }

  private int checked(InstructionSite site, int warp, int lane, long address, int accessBytes) {
    if (address < 0 || address > bytes - accessBytes) {
      findings.outside(site, warp, lane, address, accessBytes);
    }
    if ((address & (accessBytes - 1)) != 0) {
      findings.misaligned(site, warp, lane, address, accessBytes);
    }
    return (int) address;
  }

  /** Reports bytes that were never written, or are being copied to: false for these. */
  private boolean requireWritten(
      InstructionSite site, int warp, int lane, int address, int accessBytes) {
    boolean complete =
        switch (accessBytes) {
          case 4 -> (int) WORD.get(written, address) == WORD_WRITTEN;
          case 8 -> (long) DOUBLE_WORD.get(written, address) == DOUBLE_WORD_WRITTEN;
          case 16 ->
              ((long) DOUBLE_WORD.get(written, address)
                      & (long) DOUBLE_WORD.get(written, address + 8))
                  == DOUBLE_WORD_WRITTEN;
          case 2 -> (short) HALF.get(written, address) == (short) WORD_WRITTEN;
          default -> written[address] == 1;
        };
    if (!complete && requireSettled(site, warp, lane, address, accessBytes)) {
      findings.unwritten(site, warp, lane, address, accessBytes);
      return true;
    }
    return complete;
  }

  /** Reports bytes into which a copy is under way. */
  private boolean requireSettled(
      InstructionSite site, int warp, int lane, int address, int accessBytes) {
    int at = address;
    while (at < address + accessBytes && written[at] != PENDING) {
      at++;
    }
    if (at == address + accessBytes) {
      return true;
    }
    findings.pending(site, warp, lane, address, accessBytes, races.writer(at));
    return false;
  }

  private void markWritten(int address, int accessBytes) {
    switch (accessBytes) {
      case 4 -> WORD.set(written, address, WORD_WRITTEN);
      case 8 -> DOUBLE_WORD.set(written, address, DOUBLE_WORD_WRITTEN);
      case 16 -> {
        DOUBLE_WORD.set(written, address, DOUBLE_WORD_WRITTEN);
        DOUBLE_WORD.set(written, address + 8, DOUBLE_WORD_WRITTEN);
      }
      case 2 -> HALF.set(written, address, (short) WORD_WRITTEN);
      default -> written[address] = 1;
    }
  }

  /** The byte at an address that was checked. */
  public byte getByte(int address) {
    return data[address];
  }

  /** Writes a byte. */
  public void putByte(int address, byte value) {
    data[address] = value;
  }

  /** The two bytes at an address that was checked. */
  public short getHalf(int address) {
    return (short) HALF.get(data, address);
  }

  /** Writes two bytes. */
  public void putHalf(int address, short value) {
    HALF.set(data, address, value);
  }

  /** The four bytes at an address that was checked. */
  public int getWord(int address) {
    return (int) WORD.get(data, address);
  }

  /** Writes four bytes. */
  public void putWord(int address, int value) {
    WORD.set(data, address, value);
  }

  /** The eight bytes at an address that was checked. */
  public long getDoubleWord(int address) {
    return (long) DOUBLE_WORD.get(data, address);
  }

  /** Writes eight bytes. */
  public void putDoubleWord(int address, long value) {
    DOUBLE_WORD.set(data, address, value);
  }
}
