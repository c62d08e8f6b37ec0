package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mirror4j.tensor.Parameter.bias;
import static org.mirror4j.tensor.Parameter.weight;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.checkpoint.TrainingState.Buffers;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.ParameterTable;

class TrainingStateTest {
  /** Elements 2 to 15 belong to no parameter. */
  private static final ParameterTable TABLE =
      ParameterTable.of(
          List.of(
              scope -> {
                scope.take(weight("b", 1, 2, 1));
                scope.take(bias("a", 2));
              }));

  @TempDir Path directory;

  @Test
  void stateAndBuffersComeBackBitForBit() {
    TrainingState state = state(12);
    Path checkpoint = state.write(directory, List.of(buffers(1)));
    assertThat(checkpoint).isEqualTo(directory.resolve("checkpoint-12"));
    assertThat(TrainingState.latest(directory)).contains(checkpoint);
    assertThat(TrainingState.read(checkpoint)).isEqualTo(state);
    float[][] read = new float[3][TABLE.size()];
    read[0][2] = 99;
    TrainingState.readBuffers(checkpoint, List.of(buffers(TABLE, read)));
    for (int flat = 0; flat < 3; flat++) {
      float[] expected = new float[TABLE.size()];
      expected[2] = flat == 0 ? 99 : 0;
      for (int i : new int[] {0, 1, 16, 17}) {
        expected[i] = 1 + flat + i / 32f;
      }
      assertThat(read[flat]).containsExactly(expected);
    }
  }

  /** Those of one stand in the file beside those of the other, as if there were one table. */
  @Test
  void severalTablesAreStoredAsOne() {
    ParameterTable head = ParameterTable.of(List.of(scope -> scope.take(bias("head", 3))));
    float[][] values = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    Path checkpoint = state(5).write(directory, List.of(buffers(1), buffers(head, values)));
    float[][] first = new float[3][TABLE.size()];
    float[][] second = new float[3][3];
    TrainingState.readBuffers(checkpoint, List.of(buffers(TABLE, first), buffers(head, second)));
    assertThat(second).isDeepEqualTo(values);
    assertThat(first[2][17]).isEqualTo(3 + 17 / 32f);
    assertThatThrownBy(() -> TrainingState.readBuffers(checkpoint, List.of(buffers(1))))
        .isInstanceOf(FileException.class)
        .hasMessage(
            checkpoint
                + ": does not fit the model: 'head' is unknown; 'first_moment.head' is unknown;"
                + " 'second_moment.head' is unknown");
  }

  @Test
  void onlyTheNewestIsKept() throws IOException {
    state(9).write(directory, List.of(buffers(1)));
    Files.writeString(directory.resolve("checkpoint-notes.txt"), "kept");
    state(10).write(directory, List.of(buffers(1)));
    assertThat(names()).containsExactlyInAnyOrder("checkpoint-10", "checkpoint-notes.txt");
    state(10).write(directory, List.of(buffers(5)));
    float[][] read = new float[3][TABLE.size()];
    TrainingState.readBuffers(directory.resolve("checkpoint-10"), List.of(buffers(TABLE, read)));
    assertThat(read[0][0]).isEqualTo(5);
  }

  /** Parameters alone are read as such, and are nothing to go on from. */
  @Test
  void parametersAlone() throws IOException {
    float[] values = {1, 2, 3};
    ParameterTable table = ParameterTable.of(List.of(scope -> scope.take(bias("a", 3))));
    Path checkpoint =
        state(4)
            .write(directory, List.of(Buffers.ofParameters(table, MemorySegment.ofArray(values))));
    try (var content = Files.list(checkpoint)) {
      assertThat(content.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("model.safetensors", "state.json");
    }
    assertThat(TrainingState.read(checkpoint)).isEqualTo(state(4));
    float[] read = new float[3];
    TrainingState.readBuffers(
        checkpoint, List.of(Buffers.ofParameters(table, MemorySegment.ofArray(read))));
    assertThat(read).containsExactly(values);
    assertThatThrownBy(
            () -> TrainingState.readBuffers(checkpoint, List.of(buffers(table, new float[3][3]))))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(checkpoint.resolve("state.safetensors").toString());
  }

  @Test
  void oneOtherMayBeKeptAndLaterOnesDropped() throws IOException {
    for (int step : new int[] {3, 5, 8}) {
      state(step).write(directory, List.of(buffers(step)), 3);
    }
    assertThat(names()).containsExactlyInAnyOrder("checkpoint-3", "checkpoint-8");
    assertThat(TrainingState.latestUpTo(directory, 8)).contains(directory.resolve("checkpoint-8"));
    assertThat(TrainingState.latestUpTo(directory, 7)).contains(directory.resolve("checkpoint-3"));
    assertThat(names()).containsExactly("checkpoint-3");
    assertThat(TrainingState.latestUpTo(directory, 2)).isEmpty();
    assertThat(names()).isEmpty();
  }

  @Test
  void aStopInTheMiddleIsClearedUp() throws IOException {
    Path kept = state(9).write(directory, List.of(buffers(1)));
    // Stopped while checkpoint-10 was being written, and earlier while 9 was being replaced.
    Path half = Files.createDirectory(directory.resolve(".checkpoint-10.tmp"));
    Files.writeString(half.resolve("state.json"), "{");
    Files.move(kept, directory.resolve(".checkpoint-9.old"));
    assertThat(TrainingState.latest(directory)).contains(kept);
    assertThat(names()).containsExactly("checkpoint-9");
    assertThat(TrainingState.read(kept)).isEqualTo(state(9));
  }

  @Test
  void theLatestIsTheOneOfTheHighestStep() throws IOException {
    assertThat(TrainingState.latest(directory.resolve("absent"))).isEmpty();
    assertThat(TrainingState.latest(directory)).isEmpty();
    for (String name : List.of("checkpoint-9", "checkpoint-100", "checkpoint-20")) {
      Files.createDirectory(directory.resolve(name));
    }
    Files.writeString(directory.resolve("checkpoint-999"), "a file");
    assertThat(TrainingState.latest(directory)).contains(directory.resolve("checkpoint-100"));
  }

  @Test
  void anotherModelIsRefusedWithAllDifferences() {
    Path checkpoint = state(1).write(directory, List.of(buffers(1)));
    ParameterTable other =
        ParameterTable.of(
            List.of(
                scope -> {
                  scope.take(weight("b", 2, 1, 1));
                  scope.take(bias("c", 3));
                }));
    Buffers read = buffers(other, new float[3][other.size()]);
    assertThatThrownBy(() -> TrainingState.readBuffers(checkpoint, List.of(read)))
        .isInstanceOf(FileException.class)
        .hasMessage(
            checkpoint
                + ": does not fit the model: b is [1,2], expected [2,1];"
                + " c is missing, expected [3]; 'a' is unknown;"
                + " first_moment.b is [1,2], expected [2,1];"
                + " first_moment.c is missing, expected [3]; 'first_moment.a' is unknown;"
                + " and 3 more");
  }

  @Test
  void malformedStatesEndInOneLine() throws IOException {
    assertThatThrownBy(() -> TrainingState.read(directory))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("state.json: no such file");
    Files.writeString(directory.resolve("state.json"), "{\"format\":1.5}");
    assertThatThrownBy(() -> TrainingState.read(directory))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("'format' is 1.5, expected an integer");
    Files.writeString(directory.resolve("state.json"), "{\"format\":1}");
    assertThatThrownBy(() -> TrainingState.read(directory))
        .isInstanceOf(FileException.class)
        .hasMessageEndingWith("'format' is 1, expected 2: written by another version of mirror4j");
  }

  /** One byte of any file, or a file that is gone, is told by the name of the file. */
  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "state.safetensors"})
  void changedFilesAreRefused(String name) throws IOException {
    Path checkpoint = state(3).write(directory, List.of(buffers(1)));
    Path file = checkpoint.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> TrainingState.read(checkpoint))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ": has changed since it was written: its digest is another one");
    Files.delete(file);
    assertThatThrownBy(() -> TrainingState.read(checkpoint))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ": no such file, expected a part of the checkpoint");
  }

  @Test
  void aChangedStateIsRefused() throws IOException {
    Path checkpoint = state(3).write(directory, List.of(buffers(1)));
    Path file = checkpoint.resolve("state.json");
    Files.writeString(file, Files.readString(file).replace("\"epoch\" : 2", "\"epoch\" : 1"));
    assertThatThrownBy(() -> TrainingState.read(checkpoint))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ": has changed since it was written: its digest is another one");
  }

  @Test
  void aStepThatIsNotThatOfTheNameIsRefused() throws IOException {
    Path renamed = directory.resolve("checkpoint-4");
    Files.move(state(3).write(directory, List.of(buffers(1))), renamed);
    assertThatThrownBy(() -> TrainingState.read(renamed))
        .isInstanceOf(FileException.class)
        .hasMessage(renamed + ": holds step 3, expected that of its name");
  }

  @Test
  void whatItWritesIsKnown() {
    for (String own :
        List.of("checkpoint-9", ".checkpoint-9.tmp/state.json", ".checkpoint-1.old")) {
      assertThat(TrainingState.writes(Path.of(own))).as(own).isTrue();
    }
    for (String foreign :
        List.of(
            "checkpoint-x", "checkpoint-9/thesis.txt", "state.json", "checkpoint-9/a/state.json")) {
      assertThat(TrainingState.writes(Path.of(foreign))).as(foreign).isFalse();
    }
  }

  private List<String> names() throws IOException {
    try (var content = Files.list(directory)) {
      return content.map(path -> path.getFileName().toString()).toList();
    }
  }

  private static TrainingState state(long step) {
    return new TrainingState(
        step,
        2,
        "sha256:ab",
        new TreeMap<>(Map.of("mirror4j", "1")),
        JsonFiles.object().put("seed", 7),
        JsonFiles.object().put("loss_scale", 65536));
  }

  private static Buffers buffers(float start) {
    float[][] flats = new float[3][TABLE.size()];
    for (int flat = 0; flat < 3; flat++) {
      for (int i = 0; i < TABLE.size(); i++) {
        flats[flat][i] = start + flat + i / 32f;
      }
    }
    return buffers(TABLE, flats);
  }

  private static Buffers buffers(ParameterTable table, float[][] flats) {
    return new Buffers(
        table,
        MemorySegment.ofArray(flats[0]),
        MemorySegment.ofArray(flats[1]),
        MemorySegment.ofArray(flats[2]));
  }
}
