package org.mirror4j.device.ptx.syntax;

/** Extent of a grid in CTAs or of a CTA in threads. */
public record Dim3(int x, int y, int z) {
  /** Number of CTAs or threads. */
  public long count() {
    return (long) x * y * z;
  }

  @Override
  public String toString() {
    return x + "x" + y + "x" + z;
  }
}
