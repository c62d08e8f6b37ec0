package org.mirror4j.bench.embedding;

/**
 * A batch as exported encoders take it: i64[texts, length], the texts padded to the longest.
 *
 * @param lengths of the texts
 * @param ids of tokens, 0 for padding
 * @param mask 1 for text, 0 for padding
 */
record PaddedIds(int[] lengths, int length, long[] ids, long[] mask) {
  /** Pads to the first text, which is the longest. */
  static PaddedIds of(int[][] texts) {
    int length = texts[0].length;
    int[] lengths = new int[texts.length];
    long[] ids = new long[texts.length * length];
    long[] mask = new long[ids.length];
    for (int text = 0; text < texts.length; text++) {
      lengths[text] = texts[text].length;
      for (int i = 0; i < lengths[text]; i++) {
        ids[text * length + i] = texts[text][i];
        mask[text * length + i] = 1;
      }
    }
    return new PaddedIds(lengths, length, ids, mask);
  }

  /** Shape of the arrays. */
  long[] shape() {
    return new long[] {lengths.length, length};
  }

  /**
   * Each text's mean over its tokens, divided by its length, as the model says.
   *
   * @param hidden f32[texts, length, width]
   */
  float[][] normalizedMeans(float[] hidden) {
    int width = hidden.length / ids.length;
    float[][] vectors = new float[lengths.length][width];
    for (int text = 0; text < lengths.length; text++) {
      float[] vector = vectors[text];
      for (int token = 0; token < lengths[text]; token++) {
        int from = (text * length + token) * width;
        for (int i = 0; i < width; i++) {
          vector[i] += hidden[from + i];
        }
      }
      // The number of tokens does not change the direction.
      double square = 0;
      for (float element : vector) {
        square += (double) element * element;
      }
      float factor = (float) (1 / Math.sqrt(square));
      for (int i = 0; i < width; i++) {
        vector[i] *= factor;
      }
    }
    return vectors;
  }
}
