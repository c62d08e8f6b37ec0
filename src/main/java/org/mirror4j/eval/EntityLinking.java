package org.mirror4j.eval;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.mirror4j.eval.linking.ConceptNames;
import org.mirror4j.eval.linking.Mention;
import org.mirror4j.eval.linking.PubTator;
import org.mirror4j.text.TextLines;

/**
 * Biomedical entity linking, {@code biomedical/}: {@code ncbi-disease} and {@code bc5cdr-disease}
 * with the names of MEDIC, and of the mentions of their training and development parts as in
 * BioSyn's dictionary for the test (Sung et al. 2020), which the paper uses; {@code askapatient}
 * with the names of its own concepts. See {@link LinkedMentions} for what is measured.
 */
final class EntityLinking implements TaskFamily {
  /** One object each, so that a task that is asked for twice is one. */
  private static final Predicate<String> ANY_TYPE = type -> true;

  private static final Predicate<String> DISEASES = "Disease"::equals;

  private static final String ALL = "entity-linking";
  private static final String MEDIC = "biomedical/medic/medic_06Jul2012.txt";

  /** BioSyn's sets have them written out by the program Ab3P. */
  private static final String REMARK =
      "abbreviations written out by the rules of Schwartz and Hearst, not by Ab3P";

  private static final Map<String, Function<DataFolder, EvaluationTask>> TASKS =
      new LinkedHashMap<>();

  static {
    TASKS.put(
        "ncbi-disease",
        data ->
            new Diseases(
                "ncbi-disease",
                data.packed("biomedical/ncbi-disease/NCBItestset_corpus.txt"),
                data.packed(MEDIC),
                List.of(
                    data.packed("biomedical/ncbi-disease/NCBItrainset_corpus.txt"),
                    data.packed("biomedical/ncbi-disease/NCBIdevelopset_corpus.txt")),
                ANY_TYPE));
    TASKS.put(
        "bc5cdr-disease",
        data ->
            new Diseases(
                "bc5cdr-disease",
                data.packed("biomedical/bc5cdr/CDR_TestSet.PubTator.txt"),
                data.packed(MEDIC),
                List.of(
                    data.packed("biomedical/bc5cdr/CDR_TrainingSet.PubTator.txt"),
                    data.packed("biomedical/bc5cdr/CDR_DevelopmentSet.PubTator.txt")),
                DISEASES));
    TASKS.put(
        "askapatient",
        data -> new AskAPatient(data.packed("biomedical/askapatient/AskAPatient.fold-0.test.txt")));
  }

  @Override
  public List<String> names(DataFolder data) {
    List<String> names = new ArrayList<>(List.of(ALL));
    names.addAll(TASKS.keySet());
    return names;
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    if (name.is(ALL)) {
      return Optional.of(
          new TaskGroup(
              ALL, TASKS.values().stream().map(task -> task.apply(data)).toList(), false));
    }
    return Optional.ofNullable(TASKS.get(name.key())).map(task -> TaskGroup.of(task.apply(data)));
  }

  /**
   * Diseases in PubTator's form.
   *
   * @param known annotated texts whose mentions are names too
   * @param types of mentions
   */
  private record Diseases(
      String name, Path test, Path dictionary, List<Path> known, Predicate<String> types)
      implements EvaluationTask {
    @Override
    public List<Path> files() {
      List<Path> files = new ArrayList<>(List.of(test, dictionary));
      files.addAll(known);
      return files;
    }

    @Override
    public TaskData read(Consumer<String> notices) {
      ConceptNames names = ConceptNames.read(dictionary, TextLines.read(dictionary, notices));
      for (Path file : known) {
        mentions(file, notices).stream()
            .filter(mention -> mention.parts().size() == 1)
            .forEach(mention -> names.add(mention.parts().getFirst(), mention.concepts()));
      }
      return LinkedMentions.of(test, mentions(test, notices), names, REMARK);
    }

    private List<Mention> mentions(Path file, Consumer<String> notices) {
      return PubTator.read(file, TextLines.read(file, notices), types);
    }
  }

  /** One fold: {@code concept TAB its name TAB mention} a line. */
  private record AskAPatient(Path file) implements EvaluationTask {
    @Override
    public String name() {
      return "askapatient";
    }

    @Override
    public List<Path> files() {
      return List.of(file);
    }

    @Override
    public TaskData read(Consumer<String> notices) {
      List<String> lines = TextLines.read(file, notices);
      List<Mention> mentions = new ArrayList<>();
      ConceptNames names = new ConceptNames();
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).isBlank()) {
          continue;
        }
        String[] fields = lines.get(i).split("\t", -1);
        if (fields.length != 3 || fields[0].isBlank() || fields[2].isBlank()) {
          throw new IllegalArgumentException(
              "%s:%d: %s, expected a concept, its name and a mention, with tabs between"
                  .formatted(file, i + 1, quote(lines.get(i))));
        }
        Mention mention =
            Mention.of(
                "%s:%d".formatted(file, i + 1),
                lines.get(i),
                List.of(fields[2]),
                Mention.concepts(fields[0]));
        mentions.add(mention);
        names.add(fields[1], mention.concepts());
      }
      return LinkedMentions.of(
          file,
          mentions,
          names,
          "one of ten folds, and of the dictionary only the %d names in it"
              .formatted(names.names().size()));
    }
  }
}
