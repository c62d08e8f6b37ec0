package org.mirror4j.bench.djl;

import org.mirror4j.tensor.Shape;

/** Values of a model's parameters, handed out one at a time. */
public interface Weights {
  /** Takes one parameter. */
  interface Consumer {
    /**
     * Takes one parameter.
     *
     * @param name as transformers saves it, without the family's prefix
     */
    void accept(String name, float[] values, Shape shape);
  }

  /** Hands out every parameter. */
  void forEach(Consumer consumer);
}
