package org.mirror4j.device.launch.source;

import java.util.regex.Pattern;
import org.mirror4j.tensor.DType;

/**
 * One kernel's file.
 *
 * @param file its name, as messages show it
 * @param text as written, storage notations and all
 */
public record KernelSource(String file, String text, KernelContract contract) {
  private static final Pattern FILE =
      Pattern.compile("[A-Za-z_]\\w{0," + (KernelLimits.NAME_CHARACTERS - 1) + "}\\.ptx");

  /**
   * Reads the header.
   *
   * @throws KernelException if it is not as {@code kernels/README.md} says, if the file is larger
   *     than {@link KernelLimits} or if it has characters that cannot be shown
   */
  public static KernelSource parse(String file, String text) {
    if (!isFileName(file)) {
      throw new KernelException(
          KernelException.quoted(file)
              + " is no name of a kernel's file, expected that of its entry, of at most %d letters, digits and _"
                  .formatted(KernelLimits.NAME_CHARACTERS));
    }
    requirePrintable(file, text);
    return new KernelSource(file, text, ContractParser.parse(file, text));
  }

  /** Whether a file may be called so. */
  static boolean isFileName(String file) {
    return FILE.matcher(file).matches();
  }

  /** What the file holds is shown in messages and listings. */
  private static void requirePrintable(String file, String text) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (c == '\n') {
        line++;
        lineStart = i + 1;
        require(file, line, line <= KernelLimits.LINES, "line", KernelLimits.LINES);
      } else if (!isPrintable(c) && c != '\t' && c != '\r') {
        throw KernelException.at(
            file, line, "character U+%04X, expected such as can be shown".formatted(c));
      }
      i += Character.charCount(c);
      require(
          file,
          line,
          i - lineStart <= KernelLimits.LINE_CHARACTERS,
          "character of a line",
          KernelLimits.LINE_CHARACTERS);
    }
  }

  private static void require(String file, int line, boolean holds, String what, int most) {
    if (!holds) {
      throw KernelException.at(file, line, "a %s more than the %d allowed".formatted(what, most));
    }
  }

  /** Whether a terminal shows a character and does nothing else. */
  static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /**
   * The PTX of the variant for a storage type, with as many lines as {@link #text}.
   *
   * @throws IllegalArgumentException if there is no such variant
   * @throws KernelException if a notation is wrong or gives more text than {@link KernelLimits}
   */
  public String ptx(DType storage) {
    contract.entry(storage);
    return StorageTemplate.expand(this, storage);
  }
}
