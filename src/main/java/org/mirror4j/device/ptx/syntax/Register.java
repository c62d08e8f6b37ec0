package org.mirror4j.device.ptx.syntax;

/**
 * A register of an entry.
 *
 * @param name with its percent sign
 * @param type as declared
 * @param index its place in the file of its width, from 0
 * @param serial its place among all registers of the entry, from 0
 */
public record Register(String name, Type type, int index, int serial) {
  /** Which of the register files holds it. */
  public Width width() {
    return Width.of(type);
  }

  /** The register files: one for each width, whatever the type, as the same bits serve all. */
  public enum Width {
    PREDICATE,
    B16,
    B32,
    B64;

    /** The file that holds registers of a type; types of 8 bits have none. */
    static Width of(Type type) {
      return switch (type.bits()) {
        case 1 -> PREDICATE;
        case 16 -> B16;
        case 32 -> B32;
        default -> B64;
      };
    }
  }
}
