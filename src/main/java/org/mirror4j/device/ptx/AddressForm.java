package org.mirror4j.device.ptx;

import java.util.Arrays;
import org.mirror4j.device.ptx.lanes.LanePattern;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Register.Width;
import org.mirror4j.device.ptx.syntax.StateSpace;

/**
 * How the address of an access is made: a register of 64 or 32 bits, or none, plus a constant.
 *
 * @param register first lane of the register, -1 if there is none
 * @param wide whether it is one of 64 bits
 */
record AddressForm(int register, boolean wide, long offset) {

  /** The form of a bracketed operand in a space. */
  static AddressForm of(InstructionDecoder decoder, int operand, StateSpace space) {
    if (!(decoder.operand(operand) instanceof Operand.Address address)) {
      throw decoder
          .instruction()
          .error("operand %d must be an address in brackets".formatted(operand + 1));
    }
    if (address.register() != null) {
      int place = decoder.addressRegister(address.register(), space);
      return new AddressForm(place, address.register().width() == Width.B64, address.offset());
    }
    boolean parameter = address.parameter() != null;
    boolean variable = address.variable() != null;
    if (parameter != (space == StateSpace.PARAM)
        || variable && address.variable().space() != space
        || !variable && !parameter && space == StateSpace.GLOBAL) {
      throw decoder.instruction().error("address is not one in " + space);
    }
    long base =
        parameter
            ? address.parameter().offset()
            : variable ? decoder.entry().address(address.variable()) : 0;
    return new AddressForm(-1, false, base + address.offset());
  }

  /** Puts the addresses of all lanes and where they come from into the warp. */
  void fill(Warp warp) {
    fillAddresses(warp);
    if (wide) {
      System.arraycopy(warp.bindings, register, warp.origins, 0, Warp.LANES);
    }
  }

  /** Where the addresses of all lanes come from, if that is one place; else 0. */
  int origin(Warp warp) {
    return wide && LanePattern.areEqual(warp.bindings, register) ? warp.bindings[register] : 0;
  }

  /** Puts the addresses of all lanes into the warp. */
  void fillAddresses(Warp warp) {
    long[] addresses = warp.addresses;
    if (register < 0) {
      Arrays.fill(addresses, offset);
    } else if (wide) {
      long[] wides = warp.wides;
      for (int i = 0; i < Warp.LANES; i++) {
        addresses[i] = wides[register + i] + offset;
      }
    } else {
      int[] words = warp.words;
      for (int i = 0; i < Warp.LANES; i++) {
        addresses[i] = (words[register + i] & 0xFFFFFFFFL) + offset;
      }
    }
  }
}
