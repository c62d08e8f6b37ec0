package org.mirror4j.device.ptx.memory;

/**
 * A named range of device memory: a whole allocation or one tensor of a larger one. A kernel that
 * is passed a slice may touch that range only.
 *
 * @param name the tensor's name in reports: {@code encoder.3.x}
 * @param address first byte, an address of this process
 * @param bytes length, 0 allowed
 * @param element label of the element type: {@code f32}
 * @param elementBytes size of an element
 * @param shape shape in reports: {@code [1800,768]}
 * @param writable whether a kernel may store into it
 */
public record Slice(
    String name,
    long address,
    long bytes,
    String element,
    int elementBytes,
    String shape,
    boolean writable) {
  /** Checks that the length is not negative and holds whole elements. */
  public Slice {
    if (bytes < 0 || elementBytes <= 0 || bytes % elementBytes != 0) {
      throw new IllegalArgumentException(
          "slice '%s': %d bytes of %d-byte elements, expected a whole number of elements"
              .formatted(name, bytes, elementBytes));
    }
  }

  /** The same range, to be read only. */
  public Slice readOnly() {
    return new Slice(name, address, bytes, element, elementBytes, shape, false);
  }

  /** Number of elements. */
  public long elements() {
    return bytes / elementBytes;
  }

  /** {@code 'encoder.3.x' f32[1800,768]}. */
  @Override
  public String toString() {
    return "'" + name + "' " + element + shape;
  }
}
