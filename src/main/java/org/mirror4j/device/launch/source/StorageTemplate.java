package org.mirror4j.device.launch.source;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.tensor.DType;

/**
 * Replaces the notations of a kernel's text by PTX, as {@code kernels/README.md} lists them. Each
 * line stays one line, or of lines that go on in the next the last one has all.
 */
final class StorageTemplate {
  private static final Pattern ACCESS =
      Pattern.compile(
          "(?:@(?<guard>!?%\\w+)\\s+)?"
              + "(?<operation>ld|st)\\.global\\.(?:(?<shape>v4|row4)\\.)?"
              + "(?<type>storage|f32)(?<words>\\.words)?\\s+"
              + "(?<operands>[^;]*);");

  private static final Pattern LOAD =
      Pattern.compile("(?<values>\\{[^}]*}|%\\w+)\\s*,\\s*\\[(?<address>[^]]*)](?<rest>.*)");

  private static final Pattern STORE =
      Pattern.compile("\\[(?<address>[^]]*)]\\s*,\\s*(?<values>\\{[^}]*}|%\\w+)(?<rest>.*)");

  private static final Pattern ADDRESS =
      Pattern.compile("\\s*(?<base>%?\\w+)\\s*(?:\\+\\s*(?<offset>\\d+)\\s*)?");

  private static final Pattern ROUNDING =
      Pattern.compile("cvt\\.storage\\s+(?<to>%\\w+)\\s*,\\s*(?<from>%\\w+)\\s*;");

  private static final Pattern REPACKING =
      Pattern.compile("cvt\\.row4\\.(?<to>storage|words)\\s+(?<values>\\{[^}]*})\\s*;");

  private static final Pattern PACKING =
      Pattern.compile(
          "cvt\\.pack\\.storage\\s+(?<word>%\\w+)\\s*,\\s*(?<low>%\\w+)\\s*,\\s*(?<high>%\\w+)\\s*;");

  private static final Pattern UNPACKING =
      Pattern.compile(
          "cvt\\.unpack\\.storage\\s+(?<low>%\\w+)\\s*,\\s*(?<high>%\\w+)\\s*,\\s*(?<word>%\\w+)\\s*;");

  private static final Pattern PRODUCT =
      Pattern.compile(
          "mma\\.storage\\s+(?<sums>\\{[^}]*})\\s*,\\s*(?<left>\\{[^}]*})\\s*,"
              + "\\s*(?<right>\\{[^}]*})\\s*;");

  private static final Pattern ELEMENTS =
      Pattern.compile("(?:\\b(?<elements>\\d+)\\s*\\*\\s*)?\\bSTORAGE_BYTES\\b");

  private static final Pattern LEFT =
      Pattern.compile(",\\s*(?<register>%\\w+)\\s*(?:-\\s*(?<past>\\d+))?");

  private static final Pattern REPEATED = Pattern.compile("\\s*#(?<times>\\d+)\\s(?<code>.*)");

  private static final Pattern MULTIPLE =
      Pattern.compile("<(?<factor>\\d+)#(?:\\+(?<offset>\\d+))?>");

  private final KernelSource source;
  private final DType storage;
  private int line;

  private StorageTemplate(KernelSource source, DType storage) {
    this.source = source;
    this.storage = storage;
  }

  static String expand(KernelSource source, DType storage) {
    return new StorageTemplate(source, storage).expand();
  }

  private String expand() {
    StringBuilder text = new StringBuilder();
    StringBuilder begun = new StringBuilder();
    for (String written : source.text().lines().toList()) {
      line++;
      int comment = written.indexOf("//");
      begun.append(comment < 0 ? written : written.substring(0, comment));
      require(begun.length(), KernelLimits.LINE_CHARACTERS, "characters with those it goes on");
      int end = begun.toString().stripTrailing().length() - 1;
      if (end >= 0 && begun.charAt(end) == '\\') {
        begun.setLength(end);
      } else {
        text.append(statements(begun.toString()));
        begun.setLength(0);
      }
      text.append(comment < 0 ? "" : written.substring(comment)).append('\n');
      require(
          text.length(), KernelLimits.EXPANDED_CHARACTERS, "characters of PTX with those above it");
    }
    if (!begun.isEmpty()) {
      throw failure("goes on in a next line, and there is none");
    }
    return text.toString();
  }

  /** The PTX of a line. */
  private String statements(String written) {
    String entry = source.contract().entry();
    String code = written.replace(entry + "_STORAGE", entry + "_" + storage.label());
    if (storage == DType.BF16) {
      code = code.replace(".target sm_75", ".target sm_80");
    }
    code =
        ELEMENTS
            .matcher(repeated(code))
            .replaceAll(m -> "" + number(m.group("elements"), 1) * storage.bytes());
    require(code.length(), KernelLimits.EXPANDED_LINE_CHARACTERS, "characters of PTX");
    RowGroup group = new RowGroup(line);
    code = ACCESS.matcher(code).replaceAll(m -> Matcher.quoteReplacement(access(m, group)));
    code = REPACKING.matcher(code).replaceAll(m -> Matcher.quoteReplacement(repacked(m)));
    code = ROUNDING.matcher(code).replaceAll(m -> Matcher.quoteReplacement(rounded(m)));
    code = PACKING.matcher(code).replaceAll(m -> Matcher.quoteReplacement(packed(m)));
    code = UNPACKING.matcher(code).replaceAll(m -> Matcher.quoteReplacement(unpacked(m)));
    code = PRODUCT.matcher(code).replaceAll(m -> Matcher.quoteReplacement(product(m)));
    return code + group.ptx();
  }

  /** A line that begins with {@code #n}: itself n times, with the numbers from 0 on for #. */
  private String repeated(String code) {
    Matcher line = REPEATED.matcher(code);
    if (!line.matches()) {
      return code;
    }
    int times = number(line.group("times"), 1);
    require(times, KernelLimits.REPETITIONS, "turns");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < times; i++) {
      long index = i;
      text.append(' ')
          .append(
              MULTIPLE
                  .matcher(line.group("code").strip())
                  .replaceAll(
                      m ->
                          Long.toString(
                              index * number(m.group("factor"), 1) + number(m.group("offset"), 0)))
                  .replace("#", Long.toString(index)));
      require(text.length(), KernelLimits.EXPANDED_LINE_CHARACTERS, "characters of PTX");
    }
    return text.toString();
  }

  /** The PTX that rounds a value to storage and back. */
  private String rounded(MatchResult match) {
    return StorageWords.round(storage, match.group("to"), match.group("from"));
  }

  /** The PTX that turns four values to words where they are, or back. */
  private String repacked(MatchResult match) {
    List<String> values = registers(match.group("values"));
    if (storage == DType.F32) {
      return "";
    }
    return match.group("to").equals("words")
        ? StorageWords.pack(storage, values)
        : StorageWords.unpack(storage, values);
  }

  /** The PTX that rounds two values to storage, into one word. */
  private String packed(MatchResult match) {
    requireHalf(match);
    return StorageWords.pack(storage, match.group("word"), match.group("low"), match.group("high"));
  }

  /** The PTX that turns a word into the two values in it. */
  private String unpacked(MatchResult match) {
    requireHalf(match);
    return StorageWords.unpack(
        storage, match.group("low"), match.group("high"), match.group("word"));
  }

  /** The PTX of one product of tensor cores, 16 x 8 x 16, added to sums. */
  private String product(MatchResult match) {
    requireHalf(match);
    List<String> sums = registers(match.group("sums"));
    List<String> left = registers(match.group("left"));
    List<String> right = registers(match.group("right"));
    if (sums.size() != 4 || left.size() != 4 || right.size() != 2) {
      throw failure(
          "%s names %d, %d and %d registers, expected 4, 4 and 2"
              .formatted(
                  KernelException.quoted(match.group()), sums.size(), left.size(), right.size()));
    }
    return TensorProduct.ptx(storage, sums, left, right);
  }

  private void requireHalf(MatchResult match) {
    if (storage == DType.F32) {
      throw failure(
          KernelException.quoted(match.group()) + " is of half precision, expected no f32 variant");
    }
  }

  private static List<String> registers(String list) {
    return List.of(list.replaceAll("[{}\\s]", "").split(","));
  }

  /** The PTX of one access; nothing where it is made with the others of the line. */
  private String access(MatchResult match, RowGroup group) {
    boolean load = match.group("operation").equals("ld");
    String shape = match.group("shape");
    DType dtype = match.group("type").equals("f32") ? DType.F32 : storage;
    boolean isRow = "row4".equals(shape);
    if (match.group("words") != null && !isRow) {
      throw failure(KernelException.quoted(match.group()) + " has '.words', expected row4");
    }
    if (match.group("type").equals("f32") && !isRow) {
      return match.group();
    }
    Matcher operands = (load ? LOAD : STORE).matcher(match.group("operands").strip());
    if (!operands.matches()) {
      throw failure(KernelException.quoted(match.group()) + " has no address or no registers");
    }
    Matcher address = ADDRESS.matcher(operands.group("address"));
    if (!address.matches()) {
      throw failure(
          "address %s, expected [register+number]"
              .formatted(KernelException.quoted('[' + operands.group("address") + ']')));
    }
    List<String> values = registers(operands.group("values"));
    if (values.size() != (shape == null ? 1 : 4)) {
      throw failure(
          "%s names %d registers, expected %d"
              .formatted(
                  KernelException.quoted(match.group()), values.size(), shape == null ? 1 : 4));
    }
    String base = address.group("base");
    int offset = number(address.group("offset"), 0);
    String guard = match.group("guard");
    String rest = operands.group("rest").strip();
    if (isRow) {
      Matcher left = LEFT.matcher(rest);
      if (!left.matches()) {
        throw failure(
            KernelException.quoted(match.group()) + " does not say how many elements are left");
      }
      int past = number(left.group("past"), 0);
      if (match.group("words") != null) {
        group.add(load, dtype, guard, values, base, offset, left.group("register"), past);
        return "";
      }
      return new StorageAccess(load, dtype, guard, values, base, offset)
          .row(left.group("register"), past);
    }
    if (!rest.isEmpty()) {
      throw failure(
          "%s has %s after its operands"
              .formatted(KernelException.quoted(match.group()), KernelException.quoted(rest)));
    }
    return new StorageAccess(load, dtype, guard, values, base, offset).whole();
  }

  private int number(String digits, int otherwise) {
    if (digits == null) {
      return otherwise;
    }
    // As many digits as the largest has, so that it can be read at all.
    boolean fits = digits.length() <= Integer.toString(KernelLimits.NOTATION_NUMBER).length();
    if (!fits || Integer.parseInt(digits) > KernelLimits.NOTATION_NUMBER) {
      throw failure(
          "the number %s, at most %d"
              .formatted(KernelException.quoted(digits), KernelLimits.NOTATION_NUMBER));
    }
    return Integer.parseInt(digits);
  }

  private void require(int found, int most, String what) {
    if (found > most) {
      throw failure("%d %s, at most %d".formatted(found, what, most));
    }
  }

  private KernelException failure(String message) {
    return KernelException.at(source.file(), line, message);
  }
}
