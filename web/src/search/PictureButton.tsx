/** Chooses a picture of this device. The field itself is what the keyboard reaches; what is seen is its label. */
export function PictureButton({ text, onPicture }: { text: string; onPicture(file: File): void }) {
  return (
    <label class="button primary picture-button">
      <input
        type="file"
        class="sr-only"
        accept="image/*,.tif,.tiff"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onPicture(file);
        }}
      />
      <span>{text}</span>
    </label>
  );
}
