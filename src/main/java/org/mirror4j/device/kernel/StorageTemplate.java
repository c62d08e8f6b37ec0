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
      return row(load, dtype, guard, values, base, offset, rest.substring(1).strip());
    }
    if (!rest.isEmpty()) {
      throw failure("'" + match.group() + "' has '" + rest + "' after its operands");
    }
    return access(load, dtype, guard, false, values, base, offset);
  }

  private static int number(String digits, int otherwise) {
    return digits == null ? otherwise : Integer.parseInt(digits);
  }

  private String row(
      boolean load,
      DType dtype,
      String guard,
      List<String> values,
      String base,
      int offset,
      String left) {
    String single = "row4_single_" + line;
    String done = "row4_done_" + line;
    StringBuilder text = new StringBuilder("{ .reg .pred %row4_p; .reg .b32 %row4_left; ");
    text.append("mov.b32 %row4_left, ").append(left).append("; ");
    if (guard != null) {
      String inverse = guard.startsWith("!") ? guard.substring(1) : "!" + guard;
      text.append("@").append(inverse).append(" mov.b32 %row4_left, 0; ");
    }
    text.append("@!%p_vector bra.uni ").append(single).append("; ");
    text.append("setp.gt.s32 %row4_p, %row4_left, 0; ");
    text.append(access(load, dtype, "%row4_p", true, values, base, offset));
    text.append(" bra ").append(done).append("; ").append(single).append(": ");
    for (int i = 0; i < values.size(); i++) {
      text.append("setp.gt.s32 %row4_p, %row4_left, ").append(i).append("; ");
      int at = offset + i * dtype.bytes();
      text.append(access(load, dtype, "%row4_p", true, List.of(values.get(i)), base, at))
          .append(' ');
    }
    return text.append(done).append(": }").toString();
  }

  /**
   * One access of one element or four under a guard. Where it does not hold, a load leaves its
   * registers as they are, or, if {@code zero}, as 0: then nothing but the access itself is under
   * the guard, since a register that is written under a guard alone would have to be kept over all
   * turns of a loop.
   */
  private static String access(
      boolean load,
      DType dtype,
      String guard,
      boolean zero,
      List<String> values,
      String base,
      int offset) {
    String address = offset == 0 ? "[" + base + "]" : "[" + base + "+" + offset + "]";
    List<String> before = new ArrayList<>();
    List<String> after = new ArrayList<>();
    String access;
    String declarations = "";
    boolean single = values.size() == 1;
    if (dtype == DType.F32) {
      String type = single ? "f32" : "v4.f32";
      String registers = single ? values.getFirst() : "{" + String.join(",", values) + "}";
      access =
          load
              ? "ld.global." + type + " " + registers + ", " + address
              : "st.global." + type + " " + address + ", " + registers;
      if (load) {
        values.forEach(value -> before.add("mov.f32 " + value + ", 0f00000000"));
      }
    } else if (single) {
      declarations = ".reg .b16 %half_h; .reg .b32 %half_r; ";
      access =
          load ? "ld.global.b16 %half_h, " + address : "st.global.b16 " + address + ", %half_h";
      if (load) {
        before.add("mov.b16 %half_h, 0");
        widen(dtype, values.getFirst(), after);
      } else {
        before.add("cvt.rn." + dtype.label() + ".f32 %half_h, " + values.getFirst());
      }
    } else {
      declarations = ".reg .b16 %half_h<4>; .reg .b32 %half_r<3>; ";
      String words = "{%half_r0,%half_r1}";
      access =
          load
              ? "ld.global.v2.b32 " + words + ", " + address
              : "st.global.v2.b32 " + address + ", " + words;
      for (int pair = 0; pair < 2; pair++) {
        if (load) {
          before.add("mov.b32 %half_r" + pair + ", 0");
          widenPair(dtype, pair, values, after);
        } else {
          narrowPair(dtype, pair, values, before);
        }
      }
    }
    String prefix = guard == null ? "" : "@" + guard + " ";
    StringBuilder text = new StringBuilder();
    if (zero || !load) {
      before.forEach(instruction -> text.append(instruction).append("; "));
    }
    text.append(prefix).append(access).append(';');
    for (String instruction : after) {
      text.append(' ').append(zero ? "" : prefix).append(instruction).append(';');
    }
    return declarations.isEmpty() ? text.toString() : "{ " + declarations + text + " }";
  }

  private static void widen(DType dtype, String value, List<String> code) {
    if (dtype == DType.F16) {
      code.add("cvt.f32.f16 " + value + ", %half_h");
    } else {
      code.add("cvt.u32.u16 %half_r, %half_h");
      code.add("shl.b32 %half_r, %half_r, 16");
      code.add("mov.b32 " + value + ", %half_r");
    }
  }

  private static void widenPair(DType dtype, int pair, List<String> values, List<String> code) {
    String word = "%half_r" + pair;
    String low = values.get(2 * pair);
    String high = values.get(2 * pair + 1);
    if (dtype == DType.F16) {
      code.add("mov.b32 " + halves(pair) + ", " + word);
      code.add("cvt.f32.f16 " + low + ", %half_h" + 2 * pair);
      code.add("cvt.f32.f16 " + high + ", %half_h" + (2 * pair + 1));
    } else {
      code.add("shl.b32 %half_r2, " + word + ", 16");
      code.add("mov.b32 " + low + ", %half_r2");
      code.add("and.b32 %half_r2, " + word + ", 0xffff0000");
      code.add("mov.b32 " + high + ", %half_r2");
    }
  }

  private static void narrowPair(DType dtype, int pair, List<String> values, List<String> code) {
    String word = "%half_r" + pair;
    String low = values.get(2 * pair);
    String high = values.get(2 * pair + 1);
    if (dtype == DType.F16) {
      code.add("cvt.rn.f16.f32 %half_h" + 2 * pair + ", " + low);
      code.add("cvt.rn.f16.f32 %half_h" + (2 * pair + 1) + ", " + high);
      code.add("mov.b32 " + word + ", " + halves(pair));
    } else {
      code.add("cvt.rn.bf16x2.f32 " + word + ", " + high + ", " + low);
    }
  }

  private static String halves(int pair) {
    return "{%half_h" + 2 * pair + ",%half_h" + (2 * pair + 1) + "}";
  }

  private KernelException failure(String message) {
    return KernelException.at(source.file(), line, message);
  }
}
