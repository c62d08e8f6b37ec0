package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.eval.linking.ConceptNames;
import org.mirror4j.eval.linking.Mention;
import org.mirror4j.support.SharedData;

class EntityLinkingTest {
  @TempDir Path data;
  @AutoClose private final HostDevice device = new HostDevice(1);

  private static float[] vector(String text) {
    Random random = new Random(text.hashCode());
    float[] vector = new float[5];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return vector;
  }

  private static Mention mention(List<String> parts, Integer... concepts) {
    return new Mention(
        parts, new LinkedHashSet<>(List.of(concepts).stream().map(id -> "D" + id).toList()));
  }

  /** Against a sort of all products, every mention and k on its own. */
  @Test
  void accuracyByTheDefinition() {
    Random random = new Random(4);
    ConceptNames names = new ConceptNames();
    for (int i = 0; i < 60; i++) {
      names.add("name " + i, mention(List.of("x"), i / 4, i % 3 == 0 ? 7 : i / 4).concepts());
    }
    List<Mention> mentions = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      List<String> parts =
          IntStream.rangeClosed(0, i % 3 / 2).mapToObj(p -> "text " + random.nextInt(90)).toList();
      mentions.add(mention(parts, random.nextInt(17), random.nextInt(17)));
    }
    int[] within = new int[6];
    for (Mention mention : mentions) {
      for (int k = 1; k <= 5; k++) {
        within[k] += isRight(mention, names, k) ? 1 : 0;
      }
    }
    assertThat(within[1]).isBetween(1, within[5] - 5);
    List<Integer> asked = new ArrayList<>();
    List<Measurement> results =
        new LinkedMentions(mentions, names, "made")
            .measure(
                "linked",
                device,
                (texts, vectors) -> {
                  asked.add(texts.size());
                  texts.forEach(text -> vectors.accept(vector(text)));
                });
    assertThat(results)
        .extracting(Measurement::measure)
        .containsExactly(Measurement.Measure.ACCURACY_AT_1, Measurement.Measure.ACCURACY_AT_5);
    assertThat(results.get(0).value()).isCloseTo(100 * within[1] / 80.0, within(1e-12));
    assertThat(results.get(1).value()).isCloseTo(100 * within[5] / 80.0, within(1e-12));
    assertThat(results).extracting(Measurement::items).containsOnly(80);
    Set<String> distinct = new HashSet<>(names.names());
    mentions.forEach(mention -> distinct.addAll(mention.parts()));
    assertThat(asked).containsExactly(distinct.size());
    long without =
        mentions.stream()
            .filter(m -> m.concepts().stream().noneMatch(names.known()::contains))
            .count();
    assertThat(results.getFirst().notes())
        .containsExactly(
            "made; %d mentions of concepts that are not in the dictionary, counted as wrong"
                .formatted(without));
  }

  private static boolean isRight(Mention mention, ConceptNames names, int k) {
    return mention.parts().stream()
        .allMatch(
            part ->
                names.names().stream()
                    .sorted(Comparator.comparingDouble(name -> -product(part, name)))
                    .limit(k)
                    .anyMatch(
                        name ->
                            names.concepts().get(name).stream()
                                .anyMatch(mention.concepts()::contains)));
  }

  private static double product(String a, String b) {
    return IntStream.range(0, 5).mapToDouble(i -> (double) vector(a)[i] * vector(b)[i]).sum();
  }

  private void write(String name, String text) throws IOException {
    Path file = data.resolve("biomedical").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private LinkedMentions read(Path folder, String task) {
    return (LinkedMentions) new Tasks(folder).resolve(task).tasks().getFirst().read(notice -> {});
  }

  /** Mentions of the other parts are names, composite ones and those of no concept are not. */
  @Test
  void theDictionaryOfTheTest() throws IOException {
    write("medic/medic_06Jul2012.txt", "D1||one\n");
    String head = "7|t|t\n7|a|a\n";
    write("ncbi-disease/NCBItrainset_corpus.txt", head + "7\t0\t1\tuno\tDisease\tD1\n");
    write(
        "ncbi-disease/NCBIdevelopset_corpus.txt",
        head + "7\t0\t1\tnone\tDisease\t-1\n7\t0\t1\ta and b c\tDisease\tD1|D2\n");
    write("ncbi-disease/NCBItestset_corpus.txt", head + "7\t0\t1\tOne\tDisease\tD1\n");
    LinkedMentions read = read(data, "NCBI_disease");
    assertThat(read.dictionary().names()).containsExactly("one", "uno");
    assertThat(read.mentions()).containsExactly(mention(List.of("one"), 1));
    write("ncbi-disease/NCBItestset_corpus.txt", head);
    assertThatThrownBy(() -> read(data, "ncbi-disease"))
        .hasMessageEndingWith("NCBItestset_corpus.txt: no mentions of a concept");
  }

  /** Whoever takes each task once finds it by this. */
  @Test
  void aTaskThatIsAskedForTwiceIsOne() throws IOException {
    for (String file :
        List.of(
            "medic/medic_06Jul2012.txt",
            "bc5cdr/CDR_TestSet.PubTator.txt",
            "bc5cdr/CDR_TrainingSet.PubTator.txt",
            "bc5cdr/CDR_DevelopmentSet.PubTator.txt")) {
      write(file, "");
    }
    Tasks tasks = new Tasks(data);
    assertThat(tasks.resolve("BC5CDR-disease")).isEqualTo(tasks.resolve("bc5cdr-disease"));
  }

  @Test
  void aFoldOfAskAPatient() throws IOException {
    write(
        "askapatient/AskAPatient.fold-0.test.txt",
        "10\tDislocation of joint\tdislocating\n11\tArthrotec\tarthrotec 75\n");
    LinkedMentions read = read(data, "askapatient");
    assertThat(read.dictionary().names()).containsExactly("dislocation of joint", "arthrotec");
    assertThat(read.remark())
        .isEqualTo("one of ten folds, and of the dictionary only the 2 names in it");
    write("askapatient/AskAPatient.fold-0.test.txt", "10\tDislocation of joint\n");
    assertThatThrownBy(() -> read(data, "askapatient"))
        .hasMessageContaining("test.txt:1: ")
        .hasMessageEndingWith(", expected a concept, its name and a mention, with tabs between");
  }

  @Test
  void filesOfTheUser() throws IOException {
    write("names.txt", "D1||Breast Cancer\nD2||ovarian cancer\n");
    write("pubtator.txt", "7|t|t\n7|a|a\n7\t0\t1\tbreast and ovarian cancer\tX\tD1|D2\n");
    write("lines.txt", "D1|D2||Breast cancer|ovarian cancer\n\n7||0|1||X||OC||-1\n");
    Path folder = data.resolve("biomedical");
    String dictionary = ":" + folder.resolve("names.txt");
    Mention composite = mention(List.of("breast cancer", "ovarian cancer"), 1, 2);
    assertThat(read(null, "linking:" + folder.resolve("pubtator.txt") + dictionary).mentions())
        .containsExactly(composite);
    LinkedMentions lines = read(null, "Linking:" + folder.resolve("lines.txt") + dictionary);
    assertThat(lines.mentions()).containsExactly(composite);
    assertThat(lines.remark()).isEqualTo("1 mentions of no concept left out");
    assertThat(lines.dictionary().names()).containsExactly("breast cancer", "ovarian cancer");

    write("lines.txt", "D1||a||b\n");
    assertThatThrownBy(() -> read(null, "linking:" + folder.resolve("lines.txt") + dictionary))
        .hasMessageContaining("lines.txt:1: ")
        .hasMessageEndingWith(", expected id||mention or document||place||type||mention||id");
    for (String line : List.of("D9||+", "D9||", "D9||-|.", "7||0|1||X||||D9")) {
      write("lines.txt", "D1||a\n" + line + "\n");
      assertThatThrownBy(() -> read(null, "linking:" + folder.resolve("lines.txt") + dictionary))
          .hasMessageContaining("lines.txt:2: ")
          .hasMessageEndingWith(", expected a mention with letters or digits");
    }
    write("lines.txt", "D1||a|+b\n");
    assertThat(read(null, "linking:" + folder.resolve("lines.txt") + dictionary).mentions())
        .containsExactly(mention(List.of("a", "b"), 1));
    assertThatThrownBy(() -> read(null, "linking:one.txt"))
        .hasMessage(
            "task linking:one.txt names one file, expected two: linking:MENTIONS:DICTIONARY");
    assertThatThrownBy(() -> read(null, "linking:" + folder.resolve("lines.txt") + ":none"))
        .hasMessageEndingWith("no such file: none");
  }

  /** The sizes that their authors state; 61 of BC5CDR have no concept. */
  @Test
  void theRealSets() {
    Path shared = SharedData.require("data/biomedical").getParent();
    Map<String, Integer> sizes = new LinkedHashMap<>();
    Map<String, Integer> names = new LinkedHashMap<>();
    for (EvaluationTask task : new Tasks(shared).resolve("entity-linking").tasks()) {
      LinkedMentions read = (LinkedMentions) task.read(notice -> {});
      sizes.put(task.name(), read.mentions().size());
      names.put(task.name(), read.dictionary().names().size());
    }
    assertThat(sizes)
        .isEqualTo(Map.of("ncbi-disease", 960, "bc5cdr-disease", 4424 - 61, "askapatient", 867));
    assertThat(names.get("ncbi-disease")).isGreaterThan(71_923);
    // Two of the 315 concepts are called tachycardia.
    assertThat(names.get("askapatient")).isEqualTo(314);
  }
}
