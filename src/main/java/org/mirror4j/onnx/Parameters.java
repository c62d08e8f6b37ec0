package org.mirror4j.onnx;

import java.lang.foreign.Arena;
import java.util.List;
import org.mirror4j.bert.WeightMap;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * The parameters of an encoder, each read when it is written.
 *
 * @param weights where they are
 */
record Parameters(WeightMap weights) {
  /** A matrix. */
  Matrix matrix(String name) {
    Shape shape = weights.parameters().get(name);
    return new Matrix(name, shape.dimension(0), shape.dimension(1), to -> weights.read(name, to));
  }

  /** A vector, which every precision has in f32. */
  Initializer vector(String name) {
    int size = weights.parameters().get(name).dimension(0);
    Matrix row = new Matrix(name, 1, size, to -> weights.read(name, to));
    return new Initializer(
        name,
        ElementType.F32,
        List.of((long) size),
        sink -> {
          try (Arena arena = Arena.ofConfined()) {
            sink.write(row.stored(row.values(arena), DType.F32, arena));
          }
        });
  }
}
