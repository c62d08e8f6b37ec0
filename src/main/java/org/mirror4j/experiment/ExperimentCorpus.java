package org.mirror4j.experiment;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.PackedFile;
import org.mirror4j.text.TextLines;

/**
 * What a model of a table is trained on: a file of the data sets, or what is made from them,
 * perhaps some of its lines alone. What is made lies in a folder, its name with a digest of what it
 * is made from, so that it is made once and anew where that changes:
 *
 * <table>
 * <caption>Made corpora</caption>
 * <tr><td>{@code frequent-words}</td><td>words of the English encyclopedia, most frequent first</td></tr>
 * <tr><td>{@code random-strings}</td><td>letters and digits</td></tr>
 * <tr><td>{@code dictionary-names}</td><td>10,000 names of the dictionary of diseases</td></tr>
 * <tr><td>{@code answer-sentences}</td><td>sentences that hold answers to questions</td></tr>
 * <tr><td>{@code questions-and-answer-sentences}</td><td>10,000 of these and of their questions, in
 * pairs</td></tr>
 * <tr><td>{@code inference-sentences}</td><td>premises and hypotheses of SNLI's development and test
 * sets</td></tr>
 * <tr><td>{@code published-pairs-2015}, {@code published-pairs-2016}</td><td>two sentences a line: all
 * that the organisers published for similarity, of which they had some scored</td></tr>
 * </table>
 */
final class ExperimentCorpus {
  private static final String RANDOM = "random-strings";
  private static final String FREQUENT = "frequent-words";
  private static final String NAMES = "dictionary-names";
  private static final String SENTENCES = "answer-sentences";
  private static final String QUESTIONS = "questions-and-answer-sentences";
  private static final String INFERENCE = "inference-sentences";
  private static final String PAIRS = "published-pairs-";
  private static final String PAIRS_2015 = PAIRS + "2015", PAIRS_2016 = PAIRS + "2016";

  /** Without its articles at length, {@code enwiki2015-longdocs-train-*}, which repeat its text. */
  private static final String ENCYCLOPEDIA = "corpora/enwiki2015-train-[0-9]*.txt.gz";

  private static final String DICTIONARY = "biomedical/medic/medic_06Jul2012.txt.gz";
  private static final String ANSWERS = "qnli/squad-train-10k.question-answersentence.tsv.gz";

  /** With labels before the two sentences of a line, and without. */
  private static final List<String> INFERENCE_FILES =
      List.of("nli/snli-dev.tsv.gz", "nli/snli-test.unlabelled-pairs.tsv.gz");

  /** Of a digest in a name: enough to tell apart what lies in one folder. */
  private static final int DIGEST_CHARACTERS = 12;

  private final Path data;
  private final Path made;
  private final Function<Path, String> digest;
  private final Consumer<String> notices;
  private final MadeLines lines;

  /**
   * Where corpora lie.
   *
   * @param data folder of the data sets
   * @param made folder for what is made
   * @param digest of the content of a file
   * @param notices is told what is worth knowing of files
   */
  ExperimentCorpus(Path data, Path made, Function<Path, String> digest, Consumer<String> notices) {
    this.data = data;
    this.made = made;
    this.digest = digest;
    this.notices = notices;
    lines = new MadeLines(notices);
  }

  /**
   * The file of a corpus that has a name, made where it is not there.
   *
   * @throws FileException if what it is made from is not there or not of its form
   * @throws org.mirror4j.text.TextException if it is not UTF-8
   */
  Path of(String name) {
    return switch (name) {
      case RANDOM -> made(RANDOM, List.of(), _ -> MadeLines.randomStrings());
      case FREQUENT -> made(FREQUENT, matching(ENCYCLOPEDIA), MadeLines::frequentWords);
      case NAMES -> made(NAMES, List.of(file(DICTIONARY)), lines::dictionaryNames);
      case SENTENCES -> made(SENTENCES, List.of(file(ANSWERS)), lines::answerSentences);
      case QUESTIONS -> made(QUESTIONS, List.of(file(ANSWERS)), lines::questionsAndSentences);
      case INFERENCE ->
          made(
              INFERENCE,
              INFERENCE_FILES.stream().map(this::file).toList(),
              lines::inferenceSentences);
      case PAIRS_2015 ->
          made(
              PAIRS_2015,
              matching("sts/original/STS2015-gold/STS.input.*.txt"),
              all -> lines.pairs(all, 0));
      case PAIRS_2016 ->
          made(PAIRS_2016, matching("sts/original/STS2016/*.test.tsv"), all -> lines.pairs(all, 1));
      default -> file(name);
    };
  }

  /**
   * The files of corpora that have names, in order. A name may be a pattern of files of a folder,
   * as {@code corpora/text-*.txt.gz}, in the order of their names.
   *
   * @throws FileException as {@link #of(String)}, or if no file is of a pattern
   */
  List<Path> all(List<String> names) {
    return names.stream()
        .flatMap(name -> name.contains("*") ? matching(name).stream() : Stream.of(of(name)))
        .toList();
  }

  /** Whether a name is that of pairs, see {@link #of(String)}: {@code sentence TAB sentence}. */
  static boolean isOfPairs(String name) {
    return name.startsWith(PAIRS);
  }

  /** Each file in the form of the pattern or, where only that is there, the other one. */
  private List<Path> matching(String pattern) {
    Path all = data.resolve(pattern);
    PathMatcher named = all.getFileSystem().getPathMatcher("glob:" + all.getFileName());
    List<Path> files = List.of();
    if (Files.isDirectory(all.getParent())) {
      try (Stream<Path> there = Files.list(all.getParent())) {
        files =
            there
                .map(file -> named.matches(file.getFileName()) ? file : PackedFile.otherForm(file))
                .filter(file -> named.matches(file.getFileName()))
                .distinct()
                .map(PackedFile::there)
                .sorted()
                .toList();
      } catch (IOException e) {
        throw FileException.of(all.getParent(), e);
      }
    }
    if (files.isEmpty()) {
      throw absent(all);
    }
    return files;
  }

  /**
   * The file of a tuning's corpus, of which some lines may be taken.
   *
   * @throws FileException as {@link #of(String)}, or if it has fewer lines than are to be taken
   */
  Path of(Tuning tuning) {
    Path whole = of(tuning.corpus());
    if (tuning.from().isEmpty() && tuning.items().isEmpty()) {
      return whole;
    }
    String lines =
        tuning.from().orElse(0) + "-" + tuning.items().map(items -> "" + items).orElse("");
    String name = PackedFile.unpacked(whole.getFileName().toString()).replaceFirst("\\.txt$", "");
    return made(name + "." + lines, List.of(whole), _ -> some(whole, tuning));
  }

  private Path file(String relative) {
    Path file = PackedFile.there(data.resolve(relative));
    if (Files.exists(file)) {
      return file;
    }
    throw absent(file);
  }

  private static FileException absent(Path file) {
    return new FileException(file + ": no such file; mirror4j data says where it comes from");
  }

  private Path made(String name, List<Path> sources, Function<List<Path>, List<String>> lines) {
    return made(name, sources, ".txt", lines);
  }

  /**
   * The file of what is made.
   *
   * @param sources what it is made from
   * @param ending of its name
   */
  Path made(
      String name, List<Path> sources, String ending, Function<List<Path>, List<String>> lines) {
    Path file = made.resolve(name + digest(sources) + ending);
    if (!Files.exists(file)) {
      try {
        Files.createDirectories(made);
      } catch (IOException e) {
        throw FileException.of("cannot make " + made, e);
      }
      AtomicFiles.writeFile(
          file, (String.join("\n", lines.apply(sources)) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  private String digest(List<Path> sources) {
    if (sources.isEmpty()) {
      return "";
    }
    MessageDigest all = FileHash.sha256();
    sources.forEach(source -> all.update(digest.apply(source).getBytes(StandardCharsets.UTF_8)));
    return "." + FileHash.hex(all).substring(0, DIGEST_CHARACTERS);
  }

  private List<String> some(Path whole, Tuning tuning) {
    List<String> lines = TextLines.read(whole, notices);
    int from = tuning.from().orElse(0);
    long to = tuning.items().map(items -> from + (long) items).orElse((long) lines.size());
    if (from >= lines.size() || to > lines.size()) {
      throw new FileException(
          "%s: %,d lines, expected at least %,d"
              .formatted(whole, lines.size(), Math.max(from + 1L, to)));
    }
    return lines.subList(from, (int) to);
  }
}
