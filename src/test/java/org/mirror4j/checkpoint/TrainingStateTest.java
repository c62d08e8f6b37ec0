package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.mirror4j.checkpoint.TrainingState.Parameter;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.Shape;

class TrainingStateTest {
  /** Element 2 belongs to no parameter. */
  private static final List<Parameter> TABLE =
      List.of(new Parameter("a", 0, Shape.of(2)), new Parameter("b", 3, Shape.of(1, 2)));

  @TempDir Path directory;

  @Test
  void stateAndBuffersComeBackBitForBit() {
    TrainingState state = state(12);
    Path checkpoint = state.write(directory, TABLE, buffers(1));
    assertThat(checkpoint).isEqualTo(directory.resolve("checkpoint-12"));
    assertThat(TrainingState.latest(directory)).contains(checkpoint);
    assertThat(TrainingState.read(checkpoint)).isEqualTo(state);
    float[] parameters = new float[5];
    float[] first = new float[5];
    float[] second = new float[5];
    parameters[2] = 99;
    TrainingState.readBuffers(
        checkpoint,
        TABLE,
        new Buffers(
            MemorySegment.ofArray(parameters),
            MemorySegment.ofArray(first),
            MemorySegment.ofArray(second)));
    assertThat(parameters).containsExactly(1, 1.1f, 99, 1.3f, 1.4f);
    assertThat(first).containsExactly(2, 2.1f, 0, 2.3f, 2.4f);
    assertThat(second).containsExactly(3, 3.1f, 0, 3.3f, 3.4f);
  }

  @Test
  void onlyTheNewestIsKept() throws IOException {
    state(9).write(directory, TABLE, buffers(1));
    Files.writeString(directory.resolve("checkpoint-notes.txt"), "kept");
    state(10).write(directory, TABLE, buffers(1));
    assertThat(names()).containsExactlyInAnyOrder("checkpoint-10", "checkpoint-notes.txt");
    state(10).write(directory, TABLE, buffers(5));
    float[] values = new float[5];
    Buffers read =
        new Buffers(
            MemorySegment.ofArray(values),
            MemorySegment.ofArray(new float[5]),
            MemorySegment.ofArray(new float[5]));
    TrainingState.readBuffers(directory.resolve("checkpoint-10"), TABLE, read);
    assertThat(values[0]).isEqualTo(5);
  }

  @Test
  void aStopInTheMiddleIsClearedUp() throws IOException {
    Path kept = state(9).write(directory, TABLE, buffers(1));
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
    Path checkpoint = state(1).write(directory, TABLE, buffers(1));
    List<Parameter> other =
        List.of(new Parameter("b", 0, Shape.of(2, 1)), new Parameter("c", 2, Shape.of(3)));
    assertThatThrownBy(() -> TrainingState.readBuffers(checkpoint, other, buffers(1)))
        .isInstanceOf(FileException.class)
        .hasMessage(
            checkpoint
                + ": does not fit the model: b is [1,2], expected [2,1];"
                + " c is missing, expected [3]; 'a' is unknown;"
                + " first_moment.b is [1,2], expected [2,1];"
                + " first_moment.c is missing, expected [3]; 'first_moment.a' is unknown;"
                + " second_moment.b is [1,2], expected [2,1];"
                + " second_moment.c is missing, expected [3]; 'second_moment.a' is unknown");
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
    Path checkpoint = state(3).write(directory, TABLE, buffers(1));
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
    Path checkpoint = state(3).write(directory, TABLE, buffers(1));
    Path file = checkpoint.resolve("state.json");
    Files.writeString(file, Files.readString(file).replace("\"epoch\" : 2", "\"epoch\" : 1"));
    assertThatThrownBy(() -> TrainingState.read(checkpoint))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ": has changed since it was written: its digest is another one");
  }

  @Test
  void aStepThatIsNotThatOfTheNameIsRefused() throws IOException {
    Path renamed = directory.resolve("checkpoint-4");
    Files.move(state(3).write(directory, TABLE, buffers(1)), renamed);
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
    MemorySegment[] flats = new MemorySegment[3];
    for (int flat = 0; flat < 3; flat++) {
      float[] values = new float[5];
      for (int i = 0; i < 5; i++) {
        values[i] = Float.parseFloat((int) (start + flat) + "." + i);
      }
      flats[flat] = MemorySegment.ofArray(values);
    }
    return new Buffers(flats[0], flats[1], flats[2]);
  }
}
