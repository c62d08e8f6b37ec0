package org.mirror4j.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.mirror4j.text.Spelling;

/**
 * A model as {@code eval} takes it: {@code [LABEL=]MODEL} and the settings of this model alone,
 * each a word of its own, {@code NAME=VALUE}. {@code language-fr=MODEL} names another model for
 * texts in a language, in tasks that know it.
 *
 * <p>What stands before an equals sign is the name of a setting, or a label where it is none; a
 * label holds no slash, backslash or colon, so that a path that holds an equals sign is one when it
 * begins with {@code ./}. A value is whatever follows.
 *
 * @param label the column of the report: as given, or the words as they stand
 * @param text the model
 * @param languages models of languages of their own by the codes of these
 */
record MeasuredModel(
    String label, String text, List<String> settings, SequencedMap<String, String> languages) {
  private static final String LANGUAGE = "language-";

  private static final String NO_LABEL = ".*[/\\\\:].*";

  /**
   * Takes words apart.
   *
   * @param names of settings
   * @throws IllegalArgumentException if a setting stands before any model
   */
  static List<MeasuredModel> parse(List<String> words, Set<String> names) {
    List<MeasuredModel> models = new ArrayList<>();
    for (int i = 0; i < words.size(); ) {
      String model = words.get(i);
      if (isSetting(model, names)) {
        throw new IllegalArgumentException("%s stands before any model".formatted(model));
      }
      int end = i + 1;
      while (end < words.size() && isSetting(words.get(end), names)) {
        end++;
      }
      List<String> settings = new ArrayList<>(words.subList(i + 1, end));
      SequencedMap<String, String> languages = languages(settings);
      Optional<String> label = label(model);
      models.add(
          new MeasuredModel(
              label.orElse(String.join(" ", words.subList(i, end))),
              label.map(text -> model.substring(text.length() + 1)).orElse(model),
              List.copyOf(settings),
              languages));
      i = end;
    }
    return models;
  }

  private static boolean isSetting(String word, Set<String> names) {
    int equals = word.indexOf('=');
    return equals > 0 && (names.contains(word.substring(0, equals)) || isLanguage(word));
  }

  private static boolean isLanguage(String word) {
    return word.matches(LANGUAGE + "[a-z]{2,3}=.+");
  }

  /** Takes the models of languages out of the settings. */
  private static SequencedMap<String, String> languages(List<String> settings) {
    SequencedMap<String, String> languages = new LinkedHashMap<>();
    for (String setting : settings.stream().filter(MeasuredModel::isLanguage).toList()) {
      int equals = setting.indexOf('=');
      String code = setting.substring(LANGUAGE.length(), equals);
      if (languages.put(code, setting.substring(equals + 1)) != null) {
        throw new IllegalArgumentException(LANGUAGE + code + " is given twice");
      }
    }
    settings.removeIf(MeasuredModel::isLanguage);
    return languages;
  }

  private static Optional<String> label(String word) {
    int equals = word.indexOf('=');
    return Optional.of(word.substring(0, Math.max(0, equals)))
        .filter(text -> !text.isEmpty() && !text.matches(NO_LABEL));
  }

  /** Which setting may have been meant by the label of a model that is not there. */
  String hint(Set<String> names) {
    return Spelling.closest(label, names)
        .map(name -> "; did you mean the setting %s=%s?".formatted(name, text))
        .orElse("");
  }
}
