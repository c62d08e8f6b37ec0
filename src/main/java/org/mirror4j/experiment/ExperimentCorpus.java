package org.mirror4j.experiment;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.WordCounts;

/**
 * What a model of a table is tuned on: a file of the data sets, or what is made from them, perhaps
 * some of its lines alone. What is made lies in a folder, made once:
 *
 * <table>
 * <caption>Made corpora</caption>
 * <tr><td>{@code frequent-words}</td><td>words of the English corpora, most frequent first</td></tr>
 * <tr><td>{@code random-strings}</td><td>letters and digits</td></tr>
 * <tr><td>{@code dictionary-names}</td><td>10,000 names of the dictionary of diseases</td></tr>
 * <tr><td>{@code answer-sentences}</td><td>sentences that hold answers to questions</td></tr>
 * </table>
 */
final class ExperimentCorpus {
  private static final String RANDOM = "random-strings";
  private static final String FREQUENT = "frequent-words";
  private static final String NAMES = "dictionary-names";
  private static final String SENTENCES = "answer-sentences";

  /** As many as the paper takes from its list of frequent words. */
  private static final int FREQUENT_WORDS = 100_000;

  /** As large as the corpora of the paper. */
  private static final int ITEMS = 10_000;

  private static final int LONGEST_STRING = 12;
  private static final String ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int LINE_CHARACTERS = 1 << 20;

  private final Path data;
  private final Path made;

  /**
   * Where corpora lie.
   *
   * @param data folder of the data sets
   * @param made folder for what is made
   */
  ExperimentCorpus(Path data, Path made) {
    this.data = data;
    this.made = made;
  }

  /**
   * The file of a tuning's corpus, made where it is not there.
   *
   * @throws FileException if what it is made from is not there
   */
  Path of(Tuning tuning) {
    Path whole =
        switch (tuning.corpus()) {
          case RANDOM -> made(RANDOM + ".txt", ExperimentCorpus::randomStrings);
          case FREQUENT -> made(FREQUENT + ".txt", this::frequentWords);
          case NAMES -> made(NAMES + ".txt", this::dictionaryNames);
          case SENTENCES -> made(SENTENCES + ".txt", this::answerSentences);
          default -> file(data.resolve(tuning.corpus()));
        };
    if (tuning.from().isEmpty() && tuning.items().isEmpty()) {
      return whole;
    }
    int from = tuning.from().orElse(0);
    int items = tuning.items().orElse(Integer.MAX_VALUE - from);
    String name = whole.getFileName().toString().replaceFirst("\\.txt(\\.gz)?$", "");
    return made(name + "." + from + "-" + (from + items) + ".txt", () -> some(whole, from, items));
  }

  private static Path file(Path file) {
    if (!Files.exists(file)) {
      throw new FileException(file + ": no such file; mirror4j data says where it comes from");
    }
    return file;
  }

  private interface Lines {
    List<String> make();
  }

  private Path made(String name, Lines lines) {
    Path file = made.resolve(name);
    if (!Files.exists(file)) {
      try {
        Files.createDirectories(made);
      } catch (IOException e) {
        throw FileException.of("cannot make " + made, e);
      }
      AtomicFiles.writeFile(
          file, (String.join("\n", lines.make()) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  private static List<String> some(Path whole, int from, int items) {
    List<String> lines = lines(whole);
    if (from >= lines.size()) {
      throw new FileException(
          "%s: %,d lines, expected more than %,d".formatted(whole, lines.size(), from));
    }
    return lines.subList(from, (int) Math.min(lines.size(), from + (long) items));
  }

  private static List<String> lines(Path file) {
    List<String> lines = new ArrayList<>();
    try (LineReader reader = new LineReader(List.of(file), LINE_CHARACTERS)) {
      for (String line = reader.next(); line != null; line = reader.next()) {
        lines.add(line);
      }
    }
    return lines;
  }

  /** Names of {@code id|id||name|name}, as many as are wanted, drawn with a fixed seed. */
  private List<String> dictionaryNames() {
    List<String> names = new ArrayList<>();
    for (String line : lines(file(data.resolve("biomedical/medic/medic_06Jul2012.txt.gz")))) {
      names.addAll(List.of(line.substring(line.indexOf("||") + 2).split("\\|")));
    }
    List<String> distinct = new ArrayList<>(names.stream().distinct().toList());
    Collections.shuffle(distinct, new Random(1));
    return distinct.subList(0, Math.min(ITEMS, distinct.size()));
  }

  /** The second column of pairs of question and sentence, each sentence once. */
  private List<String> answerSentences() {
    return lines(file(data.resolve("qnli/squad-train-10k.question-answersentence.tsv.gz"))).stream()
        .map(line -> line.substring(line.indexOf('\t') + 1))
        .distinct()
        .toList();
  }

  private List<String> frequentWords() {
    Path corpora = data.resolve("corpora");
    List<Path> files;
    try (Stream<Path> all = Files.list(corpora)) {
      files =
          all.filter(file -> file.toString().matches(".*-train-\\d+\\.txt\\.gz")).sorted().toList();
    } catch (IOException e) {
      throw FileException.of(corpora, e);
    }
    if (files.isEmpty()) {
      throw new FileException(corpora + ": no *-train-N.txt.gz, expected English text");
    }
    WordCounts counts = new WordCounts(true);
    try (LineReader lines = new LineReader(files, LINE_CHARACTERS)) {
      counts.addAll(lines);
    }
    return counts.mostFrequentWords(FREQUENT_WORDS);
  }

  /** Letters and digits, 1 to 12 of them, all equally likely. */
  private static List<String> randomStrings() {
    SplittableRandom random = new SplittableRandom(1);
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < ITEMS; i++) {
      StringBuilder string = new StringBuilder();
      for (int length = random.nextInt(1, LONGEST_STRING + 1); length > 0; length--) {
        string.append(ALPHANUMERIC.charAt(random.nextInt(ALPHANUMERIC.length())));
      }
      strings.add(string.toString());
    }
    return strings;
  }
}
