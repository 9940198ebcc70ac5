from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notebooks', '0012_widget_model'),
    ]

    operations = [
        migrations.AlterField(
            model_name='cell',
            name='kind',
            field=models.CharField(choices=[('python', 'Python'), ('markdown', 'Markdown'), ('sql', 'SQL'), ('sheet', 'Sheet'), ('javascript', 'JavaScript'), ('raw', 'raw')], max_length=10),
        ),
    ]
