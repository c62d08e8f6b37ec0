package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.memory.NativeMemory;
import org.mirror4j.device.ptx.memory.SharedMemory;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Register;
import org.mirror4j.device.ptx.syntax.StateSpace;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * {@code cp.async} (ISA 9.7.9.25): copies from global to shared memory while the lane goes on. The
 * source is read when the copy begins, and the target changes when the lane waits for it; from the
 * one to the other nobody may touch the target. Then it is as if the lane had written it just now:
 * other lanes need a barrier after the wait.
 */
final class AsyncCopies {
  private static final int LONGEST_BYTES = 16;

  private AsyncCopies() {}

  /**
   * The copy of each lane.
   *
   * @param sizes first lane of the register that says how many bytes are read, the others being 0;
   *     -1 where all are
   * @param ignored predicate under which none is read; -1 for none
   */
  private record Form(AddressForm target, AddressForm source, int bytes, int sizes, int ignored) {
    /** Bytes that a lane reads, as an unsigned number. */
    int size(Warp warp, int lane) {
      if (ignored >= 0 && (warp.predicates[ignored] >>> lane & 1) != 0) {
        return 0;
      }
      return sizes < 0 ? bytes : warp.words[sizes + lane];
    }
  }

  /** {@code cp.async} with what follows it. */
  static DecodedOperation copy(InstructionDecoder decoder) {
    decoder.require("async");
    return switch (decoder.takeAny()) {
      case "ca" -> begin(decoder, false);
      case "cg" -> begin(decoder, true);
      case "commit_group" -> {
        decoder.end(0);
        yield DecodedOperation.effect((warp, mask) -> warp.copies().endGroups(mask));
      }
      case "wait_group" -> {
        decoder.end(1);
        boolean constant = decoder.operand(0) instanceof Operand.IntegerConstant;
        long groups = decoder.operand(0) instanceof Operand.IntegerConstant(long value) ? value : 0;
        if (!constant || groups < 0) {
          throw decoder.instruction().error("number of groups must be a constant from 0 on");
        }
        yield DecodedOperation.effect((warp, mask) -> finish(warp, mask, groups));
      }
      case "wait_all" -> {
        decoder.end(0);
        yield DecodedOperation.effect(
            (warp, mask) -> {
              warp.copies().endGroups(mask);
              finish(warp, mask, 0);
            });
      }
      default -> throw decoder.unsupported();
    };
  }

  /**
   * {@code cp.async.ca/.cg.shared.global [target], [source], bytes [, size | , ignored]}.
   *
   * @param whole whether only 16 bytes can be copied at a time
   */
  private static DecodedOperation begin(InstructionDecoder decoder, boolean whole) {
    decoder.require("shared");
    decoder.require("global");
    if (decoder.peek().matches("L2::(64|128|256)B")) {
      decoder.takeAny();
    }
    boolean sized = decoder.instruction().operands().size() == 4;
    decoder.end(sized ? 4 : 3);
    long bytes = decoder.operand(2) instanceof Operand.IntegerConstant(long value) ? value : 0;
    boolean known = bytes == LONGEST_BYTES || !whole && (bytes == 4 || bytes == 8);
    if (!known) {
      throw decoder
          .instruction()
          .error("size of a copy must be the constant " + (whole ? "16" : "4, 8 or 16"));
    }
    boolean ignores =
        sized
            && decoder.operand(3) instanceof Operand.InRegister(Register register)
            && register.type() == Type.PRED;
    Form form =
        new Form(
            AddressForm.of(decoder, 0, StateSpace.SHARED),
            AddressForm.of(decoder, 1, StateSpace.GLOBAL),
            (int) bytes,
            sized && !ignores ? decoder.source(3, Type.U32) : -1,
            ignores ? decoder.source(3, Type.PRED) : -1);
    return DecodedOperation.effect((warp, mask) -> begin(warp, mask, form));
  }

  private static void begin(Warp warp, int mask, Form form) {
    form.target.fill(warp);
    warp.worker.shared().beginCopy(warp.step.site, warp.number, mask, warp.addresses, form.bytes);
    tell(warp, StateSpace.SHARED, mask, form.bytes);
    PendingCopies copies = warp.copies();
    for (int lane = 0; lane < Warp.LANES; lane++) {
      copies.targets[lane] = (int) warp.addresses[lane];
    }
    form.source.fill(warp);
    int[] sizes = warp.sources;
    int whole = 0;
    int parts = 0;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int size = form.size(warp, lane);
      if (Integer.compareUnsigned(size, form.bytes) > 0) {
        reportSize(warp, lane, size, form.bytes);
      }
      sizes[lane] = size;
      whole |= size == form.bytes ? 1 << lane : 0;
      parts |= size != form.bytes && size != 0 ? 1 << lane : 0;
    }
    checkSource(warp, whole, form.bytes);
    checkParts(warp, parts, form.bytes);
    if (parts != 0) {
      tellParts(warp, whole | parts, form.bytes);
    } else if (whole != 0) {
      tell(warp, StateSpace.GLOBAL, whole, form.bytes);
    }
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long source = warp.addresses[lane];
      long lower = read(source, Math.min(sizes[lane], Long.BYTES));
      long upper = read(source + Long.BYTES, Math.max(sizes[lane] - Long.BYTES, 0));
      copies.add(lane, warp.step, copies.targets[lane], form.bytes, lower, upper);
    }
  }

  private static void checkSource(Warp warp, int lanes, int bytes) {
    if (lanes != 0) {
      warp.worker
          .global()
          .load(warp.step.site, warp.number, lanes, warp.addresses, warp.origins, bytes);
    }
  }

  /**
   * Checks sources of which only some bytes are read, as pieces whose sizes are powers of two. The
   * address is still that of a whole one.
   */
  private static void checkParts(Warp warp, int lanes, int bytes) {
    long[] addresses = warp.addresses;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long past = addresses[lane] & bytes - 1;
      if (past != 0) {
        String message = "source is %d past a multiple of %d".formatted(past, bytes);
        warp.worker.report(Check.MISALIGNED, warp, 1 << lane, () -> message);
      }
    }
    for (int piece = bytes / 2; piece > 0 && lanes != 0; piece /= 2) {
      int some = 0;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        some |= (warp.sources[lane] & piece) != 0 ? 1 << lane : 0;
      }
      checkSource(warp, some, piece);
      for (int rest = some; rest != 0; rest &= rest - 1) {
        addresses[Integer.numberOfTrailingZeros(rest)] += piece;
      }
    }
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      addresses[lane] -= warp.sources[lane];
    }
  }

  /** Up to eight bytes, the first one lowest. */
  private static long read(long address, int bytes) {
    if (bytes == Long.BYTES) {
      return NativeMemory.getDoubleWord(address);
    }
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << Byte.SIZE | NativeMemory.getByte(address + i) & 0xFF;
    }
    return value;
  }

  /** Lanes have waited for all but the youngest groups. */
  private static void finish(Warp warp, int mask, long youngest) {
    SharedMemory shared = warp.worker.shared();
    PendingCopies copies = warp.copies();
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      PendingCopies.Copy copy = copies.take(lane, youngest);
      while (copy != null) {
        shared.endCopy(warp.number, lane, copy.address(), copy.bytes());
        if (copy.bytes() == Integer.BYTES) {
          shared.putWord(copy.address(), (int) copy.lower());
        } else {
          shared.putDoubleWord(copy.address(), copy.lower());
        }
        if (copy.bytes() == LONGEST_BYTES) {
          shared.putDoubleWord(copy.address() + Long.BYTES, copy.upper());
        }
        copy = copies.take(lane, youngest);
      }
    }
  }

  /** Reports what lanes of a warp that has ended have begun and never waited for. */
  static void requireNone(Warp warp) {
    for (int lane = 0; lane < Warp.LANES; lane++) {
      PendingCopies.Copy copy = warp.copies().oldest(lane);
      if (copy != null) {
        warp.step = copy.step();
        warp.worker.report(
            Check.PENDING_COPY,
            warp,
            1 << lane,
            () ->
                "the copy into shared[%d..%d] is never waited for"
                    .formatted(copy.address(), copy.address() + copy.bytes() - 1));
      }
    }
  }

  private static void reportSize(Warp warp, int lane, int size, int bytes) {
    warp.worker.report(
        Check.OUT_OF_BOUNDS,
        warp,
        1 << lane,
        () -> "reads %s bytes for a copy of %d".formatted(Integer.toUnsignedString(size), bytes));
  }

  private static void tell(Warp warp, StateSpace space, int mask, int bytes) {
    ExecutionListener listener = warp.worker.listener();
    if (listener != null) {
      listener.accessed(warp.step.instruction, space, mask, warp.addresses, bytes);
    }
  }

  private static void tellParts(Warp warp, int mask, int bytes) {
    ExecutionListener listener = warp.worker.listener();
    if (listener != null) {
      listener.readInPart(warp.step.instruction, mask, warp.addresses, bytes, warp.sources);
    }
  }
}
