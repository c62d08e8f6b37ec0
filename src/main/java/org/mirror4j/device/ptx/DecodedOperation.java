package org.mirror4j.device.ptx;

/**
 * What a decoder makes of an instruction; only what its kind needs is set.
 *
 * @param members first lane of the member mask's register; {@link Step#WHOLE_WARP} where all lanes
 *     take part
 * @param barrier number of the barrier
 */
record DecodedOperation(
    Step.Kind kind, Operation operation, int target, boolean uniform, int members, int barrier) {

  static DecodedOperation lanes(Operation operation) {
    return new DecodedOperation(Step.Kind.LANES, operation, 0, false, 0, 0);
  }

  static DecodedOperation effect(Operation operation) {
    return new DecodedOperation(Step.Kind.EFFECT, operation, 0, false, 0, 0);
  }

  static DecodedOperation warpSync(Operation operation, int members) {
    return new DecodedOperation(Step.Kind.WARP_SYNC, operation, 0, false, members, 0);
  }

  /** An operation of all lanes of a warp, none of which may have left. */
  static DecodedOperation wholeWarp(Operation operation) {
    return warpSync(operation, Step.WHOLE_WARP);
  }

  static DecodedOperation barrier(int barrier) {
    return new DecodedOperation(Step.Kind.BARRIER, null, 0, false, 0, barrier);
  }

  static DecodedOperation branch(int target, boolean uniform) {
    return new DecodedOperation(Step.Kind.BRANCH, null, target, uniform, 0, 0);
  }

  static DecodedOperation exit() {
    return new DecodedOperation(Step.Kind.EXIT, null, 0, false, 0, 0);
  }
}
