package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.file.CsvColumns;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputPath;
import org.mirror4j.search.Duplicates;
import org.mirror4j.search.Neighbours;
import org.mirror4j.search.SimilarPairs;
import org.mirror4j.search.Similarity;
import org.mirror4j.search.TopK;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code neighbours}: which texts are alike. */
@Command(
    name = "neighbours",
    sortOptions = false,
    customSynopsis = {
      "mirror4j neighbours [--model DIR] --texts FILE TEXT... [OPTION...]",
      "       mirror4j neighbours [--model DIR] --texts FILE --queries FILE|- [OPTION...]",
      "       mirror4j neighbours [--model DIR] --texts FILE|- --pairs|--deduplicate [OPTION...]"
    },
    description = {
      "Finds the lines of a text whose vectors are the nearest, by cosine, and misses none.",
      "They are those nearest to a text or to each line of a file, all pairs that are alike, or a",
      "text without the lines that say again what one before them says."
    })
final class NeighboursCommand implements Runnable {
  private static final double PAIRS = 0.9, DUPLICATES = 0.95;
  private static final int TOP = 10, MOST = 1000;

  /** Rows that a search gives at most, of all texts together. */
  private static final long MOST_FOUND = 1 << 27;

  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "TEXT",
      arity = "0..*",
      description = "Texts whose nearest lines are shown.")
  private List<String> asked = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Model directory, a name (see fetch), or bundled. Default: bundled.")
  private ModelArgument model = ModelArgument.BUNDLED;

  @Option(
      names = "--texts",
      paramLabel = "FILE",
      required = true,
      description =
          "Text that is searched, one item a line; UTF-8, perhaps gzipped; - for standard input.")
  private Path texts;

  @Option(
      names = "--vectors",
      paramLabel = "FILE",
      description =
          "Vectors of --texts that 'embed' of the same model has written as f32 to FILE.npy; then"
              + " they are not computed.")
  private Path vectors;

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      description = "Text whose lines' nearest lines are shown; - for standard input.")
  private Path queries;

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "Lines that are shown of each text. Default: " + TOP + ".")
  private Integer top;

  @Option(
      names = "--pairs",
      description = "Show all pairs of lines that are alike, the most alike first.")
  private boolean pairs;

  @Option(
      names = "--deduplicate",
      description =
          "Print --texts without the lines that are alike to one that is kept before them; with"
              + " --json the lines that are left out.")
  private boolean deduplicate;

  @Option(
      names = "--threshold",
      paramLabel = "X",
      description =
          "Cosine from which on two lines are alike. Default: "
              + PAIRS
              + ", of --deduplicate "
              + DUPLICATES
              + ".")
  private Double threshold;

  @Option(
      names = "--most",
      paramLabel = "N",
      description = "Pairs that are shown. Default: " + MOST + ".")
  private Integer most;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Write what is found to FILE as well, as comma-separated values; its name ends in .csv."
              + " Of --deduplicate, the lines that are left out.")
  private Path file;

  @Mixin private EncoderOptions encoding;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    requireOneQuestion();
    Encoding wanted = encoding.encoding();
    Console said = output.console();
    // What is printed of a text may be piped on.
    Console console = deduplicate && !said.json() ? said.aside() : said;
    List<String> searched = SearchedTexts.read(texts, deduplicate && !said.json(), console);
    if (queries != null) {
      asked = SearchedTexts.read(queries, false, console);
    }
    int shownOfEach = Math.min(top == null ? TOP : top, searched.size());
    if ((long) shownOfEach * asked.size() > MOST_FOUND) {
      throw wrong(
          MOST_FOUND < asked.size()
              ? "--queries has %,d lines, expected at most %,d".formatted(asked.size(), MOST_FOUND)
              : "--top is %d of %,d texts, expected at most %,d for so many"
                  .formatted(shownOfEach, asked.size(), MOST_FOUND / asked.size()));
    }
    try (Bundled bundled = Bundled.open();
        Device device = deviceOptions.open(console)) {
      NeighboursOutput shown =
          new NeighboursOutput(
              said,
              console,
              command.commandLine().getOut(),
              threshold(),
              Optional.ofNullable(file));
      if (vectors != null && asked.isEmpty()) {
        console.settings(settings(JsonFiles.object()));
        try (SearchedTexts there = SearchedTexts.map(searched, vectors)) {
          compare(device, there, shown);
        }
        return;
      }
      try (LoadedModel loaded = new LoadedModel(device, model.path(console, bundled))) {
        Encoding.Resolved resolved =
            wanted.resolve(loaded, model.text(), console::notice, console::warning);
        console.settings(settings(EncoderOptions.json(resolved, model.text())));
        try (TextEncoder encoder = loaded.encoder(resolved.options(), resolved.precision());
            SearchedTexts there =
                vectors == null
                    ? SearchedTexts.embed(searched, encoder, console)
                    : SearchedTexts.map(searched, vectors, encoder, model.text())) {
          if (asked.isEmpty()) {
            compare(device, there, shown);
          } else {
            nearest(device, encoder, there, shownOfEach, console, shown);
          }
        }
      }
    }
  }

  private void requireOneQuestion() {
    int questions =
        (asked.isEmpty() ? 0 : 1)
            + (queries == null ? 0 : 1)
            + (pairs ? 1 : 0)
            + (deduplicate ? 1 : 0);
    if (questions != 1) {
      throw wrong(
          questions == 0
              ? "nothing is asked, expected texts, --queries FILE, --pairs or --deduplicate"
              : "several things are asked, expected texts, --queries FILE, --pairs or"
                  + " --deduplicate");
    }
    if (file != null) {
      if (!CsvColumns.isName(file)) {
        throw wrong("--output is %s, expected a name that ends in .csv".formatted(file));
      }
      ReportFiles.check(command.commandLine(), List.of(file));
      OutputPath.requireApart(
          file, Stream.of(texts, queries, vectors).filter(Objects::nonNull).toList());
    }
    requireAtLeastOne("--top", top);
    requireAtLeastOne("--most", most);
    boolean compared = pairs || deduplicate;
    requireEffect("--top", top != null, !compared, "without texts or --queries");
    requireEffect("--most", most != null, pairs, "without --pairs");
    requireEffect("--threshold", threshold != null, compared, "without --pairs or --deduplicate");
    if (vectors != null && compared) {
      for (String option : command.optionsMap().keySet()) {
        boolean encodes =
            option.equals("--model") || encoding.names().contains(option.substring(2));
        requireEffect(
            option,
            encodes && command.commandLine().getParseResult().hasMatchedOption(option),
            false,
            "with --vectors, which are there already");
      }
    }
    if (texts.toString().equals("-") && queries != null && queries.toString().equals("-")) {
      throw wrong("--texts and --queries are both -, expected one of them");
    }
    if (threshold != null && !(threshold >= -1 && threshold <= 1)) {
      throw wrong("--threshold is " + threshold + ", expected -1 to 1");
    }
  }

  private void requireEffect(String option, boolean given, boolean effect, String with) {
    if (given && !effect) {
      throw wrong("%s is given %s, where it changes nothing".formatted(option, with));
    }
  }

  private void requireAtLeastOne(String option, Integer value) {
    if (value != null && value < 1) {
      throw wrong(option + " is " + value + ", expected at least 1");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private double threshold() {
    return threshold != null ? threshold : deduplicate ? DUPLICATES : PAIRS;
  }

  private ObjectNode settings(ObjectNode json) {
    json.put("texts", texts.toString());
    if (vectors != null) {
      json.put("vectors", vectors.toString());
    }
    if (queries != null) {
      json.put("queries", queries.toString());
    }
    if (pairs || deduplicate) {
      json.put("threshold", threshold());
    } else {
      json.put("top", top == null ? TOP : top);
    }
    return pairs ? json.put("most", most()) : json;
  }

  private int most() {
    return most == null ? MOST : most;
  }

  private void compare(Device device, SearchedTexts there, NeighboursOutput shown) {
    if (pairs) {
      shown.pairs(
          there,
          SimilarPairs.find(
              device,
              there.vectors(),
              Similarity.COSINE,
              threshold(),
              most(),
              shown.progress(there.size())));
    } else {
      shown.kept(
          there,
          Duplicates.find(
              device,
              there.vectors(),
              Similarity.COSINE,
              threshold(),
              shown.progress(there.size())));
    }
  }

  private void nearest(
      Device device,
      TextEncoder encoder,
      SearchedTexts there,
      int shownOfEach,
      Console console,
      NeighboursOutput shown) {
    try (SearchedTexts questions = SearchedTexts.embed(asked, encoder, console)) {
      Neighbours found =
          new TopK(device, there.vectors(), Similarity.COSINE)
              .search(questions.vectors(), shownOfEach);
      shown.nearest(questions, there, found);
    }
  }
}
