package org.mirror4j.device.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.tensor.DType;

/**
 * Replaces the storage notations of a kernel's text by PTX, as {@code kernels/README.md} lists
 * them. Each line stays one line.
 */
final class StorageTemplate {
  private static final Pattern ACCESS =
      Pattern.compile(
          "(?:@(?<guard>!?%\\w+)\\s+)?"
              + "(?<operation>ld|st)\\.global\\.(?:(?<shape>v4|row4)\\.)?(?<type>storage|f32)\\s+"
              + "(?<operands>[^;]*);");

  private static final Pattern LOAD =
      Pattern.compile("(?<values>\\{[^}]*}|%\\w+)\\s*,\\s*\\[(?<address>[^]]*)](?<rest>.*)");

  private static final Pattern STORE =
      Pattern.compile("\\[(?<address>[^]]*)]\\s*,\\s*(?<values>\\{[^}]*}|%\\w+)(?<rest>.*)");

  private static final Pattern ADDRESS =
      Pattern.compile(
          "\\s*(?<base>%?\\w+)\\s*(?:\\+\\s*(?<offset>\\d+)\\s*(?:\\*\\s*(?<factor>\\d+))?)?\\s*");

  private static final Pattern ROUNDING =
      Pattern.compile("cvt\\.storage\\s+(?<to>%\\w+)\\s*,\\s*(?<from>%\\w+)\\s*;");

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
    String entry = source.contract().entry();
    StringBuilder text = new StringBuilder();
    for (String written : source.text().lines().toList()) {
      line++;
      int comment = written.indexOf("//");
      String code = comment < 0 ? written : written.substring(0, comment);
      if (storage == DType.BF16) {
        code = code.replace(".target sm_75", ".target sm_80");
      }
      code =
          code.replace(entry + "_STORAGE", entry + "_" + storage.label())
              .replace("STORAGE_BYTES", Integer.toString(storage.bytes()));
      code = ACCESS.matcher(code).replaceAll(m -> Matcher.quoteReplacement(access(m)));
      text.append(ROUNDING.matcher(code).replaceAll(m -> Matcher.quoteReplacement(rounding(m))));
      text.append(comment < 0 ? "" : written.substring(comment)).append('\n');
    }
    return text.toString();
  }

  /** The PTX of one rounding to the storage type and back. */
  private String rounding(MatchResult match) {
    String to = match.group("to");
    String from = match.group("from");
    return switch (storage) {
      case F16 ->
          "{ .reg .b16 %half_h; cvt.rn.f16.f32 %half_h, "
              + from
              + "; cvt.f32.f16 "
              + to
              + ", %half_h; }";
      case BF16 ->
          "{ .reg .b16 %half_h; .reg .b32 %half_r; cvt.rn.bf16.f32 %half_h, "
              + from
              + "; cvt.u32.u16 %half_r, %half_h; shl.b32 %half_r, %half_r, 16; mov.b32 "
              + to
              + ", %half_r; }";
      default -> "mov.f32 " + to + ", " + from + ";";
    };
  }

  /** The PTX of one access. */
  private String access(MatchResult match) {
    boolean load = match.group("operation").equals("ld");
    String shape = match.group("shape");
    DType dtype = match.group("type").equals("f32") ? DType.F32 : storage;
    boolean isRow = "row4".equals(shape);
    if (match.group("type").equals("f32") && !isRow) {
      return match.group();
    }
    Matcher operands = (load ? LOAD : STORE).matcher(match.group("operands").strip());
    if (!operands.matches()) {
      throw failure("'" + match.group() + "' has no address or no registers");
    }
    Matcher address = ADDRESS.matcher(operands.group("address"));
    if (!address.matches()) {
      throw failure("address [" + operands.group("address") + "], expected [register+number]");
    }
    List<String> values = new ArrayList<>();
    for (String value : operands.group("values").replaceAll("[{}\\s]", "").split(",")) {
      values.add(value);
    }
    if (values.size() != (shape == null ? 1 : 4)) {
      throw failure(
          "'%s' names %d registers, expected %d"
              .formatted(match.group(), values.size(), shape == null ? 1 : 4));
    }
    String base = address.group("base");
    int offset = number(address.group("offset"), 0) * number(address.group("factor"), 1);
    String guard = match.group("guard");
    String rest = operands.group("rest").strip();
    if (isRow) {
      if (!rest.startsWith(",")) {
        throw failure("'" + match.group() + "' does not say how many elements are left");
      }
      return new StorageAccess(load, dtype, guard, values, base, offset)
          .row(rest.substring(1).strip());
    }
    if (!rest.isEmpty()) {
      throw failure("'" + match.group() + "' has '" + rest + "' after its operands");
    }
    return new StorageAccess(load, dtype, guard, values, base, offset).whole();
  }

  private static int number(String digits, int otherwise) {
    return digits == null ? otherwise : Integer.parseInt(digits);
  }

  private KernelException failure(String message) {
    return KernelException.at(source.file(), line, message);
  }
}
