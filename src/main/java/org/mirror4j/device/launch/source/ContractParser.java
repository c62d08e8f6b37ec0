package org.mirror4j.device.launch.source;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mirror4j.device.launch.source.KernelContract.Access;
import org.mirror4j.device.launch.source.KernelContract.Alias;
import org.mirror4j.device.launch.source.KernelContract.Buffer;
import org.mirror4j.device.launch.source.KernelContract.Scalar;
import org.mirror4j.device.launch.source.KernelContract.ScalarType;
import org.mirror4j.tensor.DType;

/** Reads the header of a kernel's file: the comment lines before the first other line. */
final class ContractParser {
  /** A keyword one blank after the slashes; deeper lines go on with the last one. */
  private static final Pattern KEYWORD =
      Pattern.compile("// (storage|buffers|alias|scalars|launch|traffic|numerics|backward)\\b(.*)");

  private static final Pattern BUFFER =
      Pattern.compile("(inout|in|out)\\s+(\\w+)\\s+(storage|f32|f64|i32)\\s*\\[(.*)]");

  private static final Pattern LAUNCH =
      Pattern.compile("grid\\s+(.*),\\s*block\\s+(.*),\\s*shared\\s+(.*)");

  private static final String STORAGE_BYTES = "S";

  private record Line(int number, String text) {}

  private final String file;
  private final String entry;
  private final Map<String, List<Line>> fields = new LinkedHashMap<>();

  /** What comes before the first keyword. */
  private final List<String> formula = new ArrayList<>();

  /** Of parameters; none is called as the bytes of a storage element are in formulas. */
  private final Set<String> parameters = new HashSet<>(Set.of(STORAGE_BYTES));

  private List<String> names = List.of();

  private ContractParser(String file) {
    this.file = file;
    this.entry = file.replaceFirst("\\.ptx$", "");
  }

  static KernelContract parse(String file, String text) {
    ContractParser parser = new ContractParser(file);
    parser.split(text.lines().toList());
    return parser.contract();
  }

  private void split(List<String> lines) {
    if (lines.isEmpty() || !lines.getFirst().equals("// " + file)) {
      throw KernelException.at(file, 1, "expected the line '// " + file + "'");
    }
    List<Line> current = null;
    for (int i = 1; i < lines.size() && lines.get(i).startsWith("//"); i++) {
      String line = lines.get(i);
      Matcher keyword = KEYWORD.matcher(line);
      if (keyword.matches()) {
        current = new ArrayList<>();
        if (fields.put(keyword.group(1), current) != null) {
          throw KernelException.at(file, i + 1, "a second line '" + keyword.group(1) + "'");
        }
        line = keyword.group(2);
      } else if (!line.startsWith("//  ") && !line.equals("//")) {
        throw KernelException.at(
            file,
            i + 1,
            KernelException.quoted(line) + " is neither a keyword of a header nor indented");
      } else {
        line = line.substring(2);
      }
      if (current == null) {
        formula.add(line);
      } else if (!line.isBlank()) {
        current.add(new Line(i + 1, line.strip()));
      }
    }
  }

  private KernelContract contract() {
    List<Scalar> scalars = scalars();
    // Formulas are of whole numbers.
    Stream<String> whole =
        scalars.stream().map(scalar -> scalar.type() == ScalarType.F32 ? "" : scalar.name());
    names = Stream.concat(whole, Stream.of(STORAGE_BYTES)).toList();
    List<Buffer> buffers = required("buffers").stream().map(this::buffer).toList();
    Line launch = single("launch");
    Matcher parts = LAUNCH.matcher(launch.text());
    if (!parts.matches()) {
      throw KernelException.at(
          file, launch.number(), "expected 'launch grid ..., block ..., shared ...'");
    }
    Line traffic = single("traffic");
    return new KernelContract(
        entry,
        String.join("\n", formula).stripIndent().stripTrailing(),
        storages(),
        buffers,
        aliases(buffers),
        scalars,
        expression(launch.number(), parts.group(1)),
        expression(launch.number(), parts.group(2)),
        expression(launch.number(), parts.group(3)),
        expression(traffic.number(), traffic.text()));
  }

  private Set<DType> storages() {
    Set<DType> storages = EnumSet.noneOf(DType.class);
    for (Line line : fields.getOrDefault("storage", List.of())) {
      for (String word : line.text().split("\\s+")) {
        storages.add(
            switch (word) {
              case "f32" -> DType.F32;
              case "f16" -> DType.F16;
              case "bf16" -> DType.BF16;
              default ->
                  throw KernelException.at(
                      file,
                      line.number(),
                      "storage %s, expected f32, f16 or bf16"
                          .formatted(KernelException.quoted(word)));
            });
      }
    }
    return storages;
  }

  private List<Scalar> scalars() {
    List<Scalar> scalars = new ArrayList<>();
    for (Line line : fields.getOrDefault("scalars", List.of())) {
      for (String part : line.text().split(",")) {
        if (part.isBlank()) {
          continue;
        }
        String[] words = part.strip().split("\\s+");
        if (words.length != 2 || !words[1].matches("u32|s32|f32|u64")) {
          throw KernelException.at(
              file,
              line.number(),
              "scalar %s, expected a name and a type"
                  .formatted(KernelException.quoted(part.strip())));
        }
        requireNew(line, words[0]);
        scalars.add(new Scalar(words[0], ScalarType.valueOf(words[1].toUpperCase(Locale.ROOT))));
      }
    }
    return scalars;
  }

  private void requireNew(Line line, String parameter) {
    if (!parameters.add(parameter)) {
      throw KernelException.at(
          file,
          line.number(),
          "parameter %s, expected another name: there is one"
              .formatted(KernelException.quoted(parameter)));
    }
  }

  private Buffer buffer(Line line) {
    Matcher matcher = BUFFER.matcher(line.text());
    if (!matcher.matches()) {
      throw KernelException.at(
          file,
          line.number(),
          "buffer %s, expected e.g. 'in x f32[rows, 4]'"
              .formatted(KernelException.quoted(line.text())));
    }
    requireNew(line, matcher.group(2));
    DType dtype =
        matcher.group(3).equals("storage")
            ? null
            : DType.valueOf(matcher.group(3).toUpperCase(Locale.ROOT));
    List<Expression> sizes = new ArrayList<>();
    for (String size : topLevel(matcher.group(4))) {
      sizes.add(expression(line.number(), size));
    }
    return new Buffer(
        matcher.group(2), Access.valueOf(matcher.group(1).toUpperCase(Locale.ROOT)), dtype, sizes);
  }

  private List<Alias> aliases(List<Buffer> buffers) {
    List<Alias> aliases = new ArrayList<>();
    for (Line line : fields.getOrDefault("alias", List.of())) {
      for (String pair : line.text().split(",")) {
        String[] sides = pair.strip().split("\\s*=\\s*");
        for (String side : sides) {
          if (sides.length != 2 || buffers.stream().noneMatch(b -> b.name().equals(side))) {
            throw KernelException.at(
                file,
                line.number(),
                "alias %s, expected two buffers: 'y = x'"
                    .formatted(KernelException.quoted(pair.strip())));
          }
        }
        aliases.add(new Alias(sides[0], sides[1]));
      }
    }
    return aliases;
  }

  /** Parts between commas that are in no parentheses. */
  private static List<String> topLevel(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  private List<Line> required(String field) {
    List<Line> lines = fields.getOrDefault(field, List.of());
    if (lines.isEmpty()) {
      throw KernelException.at(file, 1, "the header has no '" + field + "'");
    }
    return lines;
  }

  /** A field that may run over several lines, as one. */
  private Line single(String field) {
    List<Line> lines = required(field);
    String joined = String.join(" ", lines.stream().map(Line::text).toList());
    int number = lines.getFirst().number();
    if (joined.length() > KernelLimits.LINE_CHARACTERS) {
      throw KernelException.at(
          file,
          number,
          "'%s' of %d characters, at most %d"
              .formatted(field, joined.length(), KernelLimits.LINE_CHARACTERS));
    }
    return new Line(number, joined);
  }

  private Expression expression(int line, String text) {
    try {
      return new Expression.Written(file, line, text.strip(), Expression.parse(text, names));
    } catch (IllegalArgumentException e) {
      throw KernelException.at(file, line, e.getMessage());
    }
  }
}
