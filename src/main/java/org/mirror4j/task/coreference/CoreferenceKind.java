package org.mirror4j.task.coreference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.PredictedKind;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.TrainedModel;
import org.mirror4j.text.TextException;
import org.mirror4j.text.TextLines;
import org.mirror4j.text.Tokenizer;

/**
 * Coreference, from files of CoNLL-2012's columns.
 *
 * @param settings of a head that is to be trained
 */
public record CoreferenceKind(CoreferenceSettings settings) implements PredictedKind {
  /** With the settings of BERT-base. */
  public CoreferenceKind() {
    this(CoreferenceSettings.base());
  }

  @Override
  public String name() {
    return "coreference";
  }

  @Override
  public String description() {
    return "chains of mentions, CoNLL-2012's columns";
  }

  @Override
  public String recipe() {
    return "coreference";
  }

  @Override
  public SequencedMap<String, String> options() {
    SequencedMap<String, String> options = new LinkedHashMap<>();
    JsonRecords.write(settings)
        .properties()
        .forEach(field -> options.put("head." + field.getKey(), field.getValue().asText()));
    return options;
  }

  @Override
  public TaskKind withOptions(ObjectNode options) {
    return new CoreferenceKind(JsonRecords.with(settings, options, name()));
  }

  @Override
  public FineTunedTask<?> read(
      Path training,
      Optional<Path> development,
      Tokenizer tokenizer,
      int maxLength,
      Consumer<String> notices) {
    List<CoreferenceDocument> documents = documents(training, notices);
    if (documents.stream().allMatch(document -> document.chains().isEmpty())) {
      throw new FileException(
          training
              + (settings.singletons()
                  ? ": no chain in any document, expected them in the last column"
                  : ": no chain of two mentions or more in any document, expected some beside"
                      + " those that --no-singletons leaves out"));
    }
    Genres genres = Genres.of(documents);
    Optional<List<CoreferenceDocument>> dev = development.map(file -> documents(file, notices));
    notices.accept(
        "%s: %,d documents of %d genres%s"
            .formatted(
                training,
                documents.size(),
                genres.names().size(),
                dev.map(some -> ", %,d to score on".formatted(some.size())).orElse("")));
    CoreferenceExamples learned =
        of(
            training,
            () ->
                new CoreferenceExamples(
                    documents, tokenizer, maxLength, settings, genres, settings.segments()));
    Optional<CoreferenceExamples> scored =
        dev.map(
            some ->
                of(
                    development.orElseThrow(),
                    () -> whole(some, tokenizer, maxLength, settings, genres)));
    tellMissed(training, learned, notices);
    scored.ifPresent(some -> tellMissed(development.orElseThrow(), some, notices));
    return new LearnedCoreference(settings, genres, learned, scored);
  }

  /** Examples of the documents of a file, which is named where one of them cannot be used. */
  private static <T> T of(Path file, Supplier<T> examples) {
    try {
      return examples.get();
    } catch (TextException e) {
      throw new TextException(file + ": " + e.getMessage(), e);
    }
  }

  /** The documents of a file with the chains that count. */
  private List<CoreferenceDocument> documents(Path file, Consumer<String> notices) {
    List<CoreferenceDocument> all = ConllReader.read(file, notices);
    if (settings.singletons()) {
      return all;
    }
    List<CoreferenceDocument> some =
        all.stream().map(CoreferenceDocument::withoutSingletons).toList();
    int chains = chains(all);
    notices.accept(
        "%s: %,d of %,d chains have one mention and are left out"
            .formatted(file, chains - chains(some), chains));
    return some;
  }

  private static int chains(List<CoreferenceDocument> documents) {
    return documents.stream().mapToInt(document -> document.chains().size()).sum();
  }

  private void tellMissed(Path file, CoreferenceExamples examples, Consumer<String> notices) {
    int missed = examples.missed();
    if (missed > 0) {
      notices.accept(
          "%s: %,d of %,d mentions are wider than %d pieces or not within a sentence and a segment,"
                  .formatted(file, missed, examples.mentions(), settings.maxWidth())
              + " and cannot be found");
    }
  }

  private static CoreferenceExamples whole(
      List<CoreferenceDocument> documents,
      Tokenizer tokenizer,
      int maxLength,
      CoreferenceSettings settings,
      Genres genres) {
    return new CoreferenceExamples(
        documents, tokenizer, maxLength, settings, genres, Integer.MAX_VALUE);
  }

  @Override
  public String className() {
    return CoreferenceHead.CLASS_NAME;
  }

  @Override
  public String fileName(Path input) {
    return "response.conll";
  }

  /** CoNLL's columns; a file that does not begin like them, unless annotated, is a text. */
  @Override
  public PredictedTask<?> read(
      Path input, boolean annotated, TrainedModel model, Consumer<String> notices) {
    List<CoreferenceDocument> documents =
        annotated
            ? ConllReader.read(input, notices)
            : hasColumns(input)
                ? ConllReader.words(input, notices)
                : List.of(PlainDocuments.read(input, notices));
    notices.accept("%s: %,d documents".formatted(input, documents.size()));
    return of(input, () -> predicted(documents, model));
  }

  private static boolean hasColumns(Path input) {
    AtomicBoolean found = new AtomicBoolean();
    TextLines.each(
        input,
        notice -> {},
        (number, line) -> found.compareAndSet(false, ConllReader.beginsDocument(line)));
    return found.get();
  }

  private static PredictedTask<?> predicted(
      List<CoreferenceDocument> documents, TrainedModel model) {
    CoreferenceSettings made = CoreferenceSettings.of(model);
    Genres genres = CoreferenceSettings.genres(model);
    List<CoreferenceDocument> unmarked =
        documents.stream().map(document -> document.withChains(List.of())).toList();
    return new PredictedCoreference(
        made, genres, whole(unmarked, model.tokenizer(), model.maxLength(), made, genres));
  }

  @Override
  public String asked() {
    return "a text";
  }

  @Override
  public PredictedTask<?> ask(List<String> texts, TrainedModel model) {
    if (texts.size() != 1) {
      throw new IllegalArgumentException("%d texts, expected %s".formatted(texts.size(), asked()));
    }
    return predicted(List.of(PlainDocuments.of("text", texts.getFirst())), model);
  }
}
