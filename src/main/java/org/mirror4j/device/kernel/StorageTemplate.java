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
      Pattern.compile("\\s*(?<base>%?\\w+)\\s*(?:\\+\\s*(?<offset>\\d+))?\\s*");

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
      text.append(ACCESS.matcher(code).replaceAll(m -> Matcher.quoteReplacement(access(m))));
      text.append(comment < 0 ? "" : written.substring(comment)).append('\n');
    }
    return text.toString();
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
    int offset = address.group("offset") == null ? 0 : Integer.parseInt(address.group("offset"));
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
    return access(load, dtype, guard, values, base, offset);
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
    if (load) {
      for (String value : values) {
        text.append("mov.f32 ").append(value).append(", 0f00000000; ");
      }
    }
    text.append("@!%p_vector bra ").append(single).append("; ");
    text.append("setp.gt.s32 %row4_p, %row4_left, 0; ");
    text.append(access(load, dtype, "%row4_p", values, base, offset));
    text.append(" bra ").append(done).append("; ").append(single).append(": ");
    for (int i = 0; i < values.size(); i++) {
      text.append("setp.gt.s32 %row4_p, %row4_left, ").append(i).append("; ");
      int at = offset + i * dtype.bytes();
      text.append(access(load, dtype, "%row4_p", List.of(values.get(i)), base, at)).append(' ');
    }
    return text.append(done).append(": }").toString();
  }

  /** One access of one element or four, each instruction under the guard. */
  private static String access(
      boolean load, DType dtype, String guard, List<String> values, String base, int offset) {
    String address = offset == 0 ? "[" + base + "]" : "[" + base + "+" + offset + "]";
    List<String> code = new ArrayList<>();
    String declarations = "";
    boolean single = values.size() == 1;
    if (dtype == DType.F32) {
      String type = single ? "f32" : "v4.f32";
      String registers = single ? values.getFirst() : "{" + String.join(",", values) + "}";
      code.add(
          load
              ? "ld.global." + type + " " + registers + ", " + address
              : "st.global." + type + " " + address + ", " + registers);
    } else if (single) {
      declarations = ".reg .b16 %half_h; .reg .b32 %half_r; ";
      String value = values.getFirst();
      if (load) {
        code.add("ld.global.b16 %half_h, " + address);
        if (dtype == DType.F16) {
          code.add("cvt.f32.f16 " + value + ", %half_h");
        } else {
          code.add("cvt.u32.u16 %half_r, %half_h");
          code.add("shl.b32 %half_r, %half_r, 16");
          code.add("mov.b32 " + value + ", %half_r");
        }
      } else {
        code.add("cvt.rn." + dtype.label() + ".f32 %half_h, " + value);
        code.add("st.global.b16 " + address + ", %half_h");
      }
    } else {
      declarations = ".reg .b16 %half_h<4>; .reg .b32 %half_r<3>; ";
      if (load) {
        code.add("ld.global.v2.b32 {%half_r0,%half_r1}, " + address);
      }
      for (int pair = 0; pair < 2; pair++) {
        String word = "%half_r" + pair;
        String low = values.get(2 * pair);
        String high = values.get(2 * pair + 1);
        String halves = "{%half_h" + 2 * pair + ",%half_h" + (2 * pair + 1) + "}";
        if (load && dtype == DType.F16) {
          code.add("mov.b32 " + halves + ", " + word);
          code.add("cvt.f32.f16 " + low + ", %half_h" + 2 * pair);
          code.add("cvt.f32.f16 " + high + ", %half_h" + (2 * pair + 1));
        } else if (load) {
          code.add("shl.b32 %half_r2, " + word + ", 16");
          code.add("mov.b32 " + low + ", %half_r2");
          code.add("and.b32 %half_r2, " + word + ", 0xffff0000");
          code.add("mov.b32 " + high + ", %half_r2");
        } else if (dtype == DType.F16) {
          code.add("cvt.rn.f16.f32 %half_h" + 2 * pair + ", " + low);
          code.add("cvt.rn.f16.f32 %half_h" + (2 * pair + 1) + ", " + high);
          code.add("mov.b32 " + word + ", " + halves);
        } else {
          code.add("cvt.rn.bf16x2.f32 " + word + ", " + high + ", " + low);
        }
      }
      if (!load) {
        code.add("st.global.v2.b32 " + address + ", {%half_r0,%half_r1}");
      }
    }
    String prefix = guard == null ? "" : "@" + guard + " ";
    StringBuilder text = new StringBuilder();
    for (String instruction : code) {
      text.append(text.isEmpty() ? "" : " ").append(prefix).append(instruction).append(';');
    }
    return declarations.isEmpty() ? text.toString() : "{ " + declarations + text + " }";
  }

  private KernelException failure(String message) {
    return KernelException.at(source.file(), line, message);
  }
}
