package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.SequencedSet;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.text.FrequentWords;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextLines;

/**
 * The lines of corpora that are made: see {@link ExperimentCorpus}.
 *
 * @param notices is told what is worth knowing of files
 */
record MadeLines(Consumer<String> notices) {
  /** As many as the paper takes from its list of frequent words. */
  private static final int FREQUENT_WORDS = 100_000;

  /** As large as the corpora of the paper. */
  private static final int ITEMS = 10_000;

  private static final int LONGEST_STRING = 12;
  private static final String ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int LINE_CHARACTERS = 1 << 20;

  /** The parts of each line, of which there are to be two. */
  private List<String[]> parts(Path file, String between, String form) {
    return split(file, line -> line.split(Pattern.quote(between), 2), 2, form);
  }

  /** What stands between tabs in each line. */
  private List<String[]> columns(Path file, int least, String form) {
    return split(file, line -> line.split("\t", -1), least, form);
  }

  private List<String[]> split(
      Path file, Function<String, String[]> splitter, int least, String form) {
    List<String> lines = TextLines.read(file, notices);
    List<String[]> split = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String[] parts = splitter.apply(lines.get(i));
      if (parts.length < least) {
        throw new FileException(
            "%s:%d: %s, expected %s"
                .formatted(file, i + 1, FileException.quote(lines.get(i)), form));
      }
      split.add(parts);
    }
    return split;
  }

  /** Names of {@code id|id||name|name}, as many as are wanted, drawn with a fixed seed. */
  List<String> dictionaryNames(List<Path> sources) {
    List<String> names = new ArrayList<>();
    for (String[] entry : parts(sources.getFirst(), "||", "ids||names")) {
      names.addAll(List.of(entry[1].split("\\|")));
    }
    List<String> distinct = new ArrayList<>(names.stream().distinct().toList());
    Collections.shuffle(distinct, new Random(1));
    return distinct.subList(0, Math.min(ITEMS, distinct.size()));
  }

  /** The second column of pairs of question and sentence, each sentence once. */
  List<String> answerSentences(List<Path> sources) {
    return answers(sources.getFirst()).map(pair -> pair[1]).distinct().toList();
  }

  /** Each once. */
  List<String> questionsAndSentences(List<Path> sources) {
    return answers(sources.getFirst()).flatMap(Stream::of).distinct().limit(ITEMS).toList();
  }

  private Stream<String[]> answers(Path source) {
    return parts(source, "\t", "a question, a tab and a sentence").stream();
  }

  /** The last two columns, each sentence once. */
  List<String> inferenceSentences(List<Path> sources) {
    SequencedSet<String> sentences = new LinkedHashSet<>();
    for (Path source : sources) {
      for (String[] columns : columns(source, 2, "a premise, a tab and a hypothesis")) {
        sentences.add(columns[columns.length - 2]);
        sentences.add(columns[columns.length - 1]);
      }
    }
    return List.copyOf(sentences);
  }

  /** Two sentences of each line, the first in a column that counts from 0. */
  List<String> pairs(List<Path> sources, int left) {
    List<String> pairs = new ArrayList<>();
    for (Path source : sources) {
      String form = "two sentences parted by a tab from column %d on".formatted(left + 1);
      for (String[] columns : columns(source, left + 2, form)) {
        pairs.add(columns[left].strip() + "\t" + columns[left + 1].strip());
      }
    }
    return pairs;
  }

  /** Words of letters, most frequent first. */
  static List<String> frequentWords(List<Path> files) {
    try (LineReader lines = new LineReader(files, LINE_CHARACTERS);
        FrequentWords counts = new FrequentWords(true)) {
      counts.addAll(lines);
      return counts.mostFrequent(FREQUENT_WORDS).words();
    }
  }

  /** Letters and digits, 1 to 12 of them, all equally likely. */
  static List<String> randomStrings() {
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
