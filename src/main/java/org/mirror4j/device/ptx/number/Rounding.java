package org.mirror4j.device.ptx.number;

/** How a value between two numbers of a format is decided. */
public enum Rounding {
  /** To the nearest, ties to the one with an even last bit: {@code .rn}, {@code .rni}. */
  NEAREST_EVEN,
  /** To the nearest, ties away from zero: {@code .rna}. */
  NEAREST_AWAY,
  /** Towards zero: {@code .rz}, {@code .rzi}. */
  ZERO,
  /** Towards minus infinity: {@code .rm}, {@code .rmi}. */
  DOWN,
  /** Towards plus infinity: {@code .rp}, {@code .rpi}. */
  UP;

  /** Whether a magnitude is raised to the next one of the format. */
  boolean raises(boolean negative, boolean odd, boolean aboveHalf, boolean half, boolean exact) {
    return switch (this) {
      case NEAREST_EVEN -> aboveHalf || half && odd;
      case NEAREST_AWAY -> aboveHalf || half;
      case ZERO -> false;
      case DOWN -> negative && !exact;
      case UP -> !negative && !exact;
    };
  }
}
