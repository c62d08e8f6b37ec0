package org.mirror4j.eval;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.text.TextLines;

/**
 * Bilingual lexicon induction on XLING (Glavas et al. 2019; Liu et al. 2021, section 4 and table
 * 6): {@code bli-en-fr} learns from the 5,000 pairs of {@code
 * xling/en-fr/yacle.train.freq.5k.en-fr.tsv}, {@code bli-en-fr-1k} from the 1,000 most frequent of
 * them, and so on for {@code 500} and {@code 3k}; both are tested on {@code
 * yacle.test.freq.2k.en-fr.tsv}. {@code bli} are the six pairs of languages of the paper, which
 * does not say from how many pairs of words it learns.
 *
 * <p>A translation is sought among the words of {@code xling/vocabularies/LANGUAGE.txt}, one a
 * line, where it is there: the authors' have 200,000. Otherwise, of the words of both dictionaries.
 */
final class LexiconInduction implements TaskFamily {
  private static final String ALL = "bli";
  private static final String FOLDER = "xling";

  /** Of the paper's table 6, in its order. */
  private static final List<String> PAPER =
      List.of("en-fr", "en-it", "en-ru", "en-tr", "it-fr", "ru-fr");

  private static final String LARGEST = "5k";

  private static final Pattern NAME =
      Pattern.compile(ALL + "-([a-z]{2,3})-([a-z]{2,3})(?:-(500|1k|3k|5k))?");

  @Override
  public List<String> names(DataFolder data) {
    List<String> names = new ArrayList<>(List.of(ALL));
    data.files(FOLDER, ".tsv").stream()
        .map(file -> file.getParent().getFileName().toString())
        .distinct()
        .forEach(pair -> names.add(ALL + "-" + pair));
    return names;
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    if (name.is(ALL)) {
      return Optional.of(
          TaskGroup.averaged(
              ALL, PAPER.stream().map(pair -> ALL + "-" + pair).map(t -> task(t, data)).toList()));
    }
    return Optional.of(name.key())
        .filter(key -> NAME.matcher(key).matches())
        .map(key -> TaskGroup.of(task(key, data)));
  }

  private static EvaluationTask task(String name, DataFolder data) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      throw new IllegalArgumentException(name);
    }
    String pair = parts.group(1) + "-" + parts.group(2);
    String size = parts.group(3) == null ? LARGEST : parts.group(3);
    String folder = FOLDER + "/" + pair;
    return new Task(
        name,
        data.packed("%s/yacle.test.freq.2k.%s.tsv".formatted(folder, pair)),
        data.packed("%s/yacle.train.freq.%s.%s.tsv".formatted(folder, size, pair)),
        new Language(parts.group(1), vocabulary(data, parts.group(1))),
        new Language(parts.group(2), vocabulary(data, parts.group(2))));
  }

  private static Optional<Path> vocabulary(DataFolder data, String language) {
    return Optional.of(data.packed("%s/vocabularies/%s.txt".formatted(FOLDER, language)))
        .filter(Files::exists);
  }

  /** A language and the file of its words, if there is one. */
  private record Language(String code, Optional<Path> vocabulary) {
    List<String> words(Consumer<String> notices) {
      return vocabulary.map(file -> TextList.read(file, notices).texts()).orElse(List.of());
    }
  }

  private record Task(String name, Path test, Path train, Language source, Language target)
      implements EvaluationTask {
    @Override
    public List<Path> files() {
      List<Path> files = new ArrayList<>(List.of(test, train));
      source.vocabulary.ifPresent(files::add);
      target.vocabulary.ifPresent(files::add);
      return files;
    }

    @Override
    public TaskData read(Consumer<String> notices) {
      return new WordTranslation(
          new WordTranslation.Words(source.code, source.words(notices)),
          new WordTranslation.Words(target.code, target.words(notices)),
          pairs(train, notices),
          pairs(test, notices));
    }
  }

  /** Reads {@code source TAB target}, without a header; blank lines are passed over. */
  private static List<WordTranslation.Pair> pairs(Path file, Consumer<String> notices) {
    List<WordTranslation.Pair> pairs = new ArrayList<>();
    List<String> lines = TextLines.read(file, notices);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      String[] words = lines.get(i).split("\t", -1);
      if (words.length != 2 || words[0].isBlank() || words[1].isBlank()) {
        throw new IllegalArgumentException(
            "%s:%d: %s, expected a word, a tab and its translation"
                .formatted(file, i + 1, quote(lines.get(i))));
      }
      pairs.add(new WordTranslation.Pair(words[0].strip(), words[1].strip()));
    }
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException(file + ": no pairs of words");
    }
    return pairs;
  }
}
