package org.mirror4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.PretrainingHeads.SpanBoundarySize;
import org.mirror4j.support.MemoryTensors;
import org.mirror4j.support.SmallModel;

class SpanBoundarySizeTest {
  private static final BertConfig CONFIG =
      SmallModel.config(BertConfig.Family.BERT, 11, 6, 1, GeluForm.ERF);

  @Test
  void isReadFromTheTableOfPlaces() {
    SpanBoundarySize size = new SpanBoundarySize(5, 9);
    UnaryOperator<String> inModule = name -> "module." + name;
    for (UnaryOperator<String> rename : List.<UnaryOperator<String>>of(name -> name, inModule)) {
      MemoryTensors tensors =
          MemoryTensors.of(
              CONFIG, rename, new PretrainingHeads(Optional.of(size), false).blocks(CONFIG));
      assertThat(SpanBoundarySize.of(tensors)).contains(size);
    }
    assertThat(SpanBoundarySize.of(MemoryTensors.of(CONFIG, inModule))).isEmpty();
  }

  /** What would take memory or overflow before it is compared with the other tensors. */
  @ParameterizedTest
  @ValueSource(strings = {"3", "0,200", "3,0", "2,3,4", "1,1048577"})
  void isRefusedWhereThatIsNone(String shape) {
    MemoryTensors tensors = MemoryTensors.of(CONFIG, UnaryOperator.identity());
    tensors.add(
        SpanBoundary.PLACES, Arrays.stream(shape.split(",")).mapToInt(Integer::parseInt).toArray());
    assertThatThrownBy(() -> SpanBoundarySize.of(tensors))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "file: 'cls.pair_target_predictions.position_embeddings.weight' is [%s], expected"
                    .formatted(shape)
                + " [places, width]");
  }
}
